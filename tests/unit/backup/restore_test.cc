#include "keystore/backup/restore.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/unit/backup/backup_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class Restore : public test::BackupFixture {
 protected:
  [[nodiscard]] RestorePlan plan(const std::string& name) const {
    return {dir_ / name, trust(), {}};
  }
  static Result<Restored> restore(const Backup& backup, const RestorePlan& plan) {
    return restore_backup(backup, plan);
  }
  /// The whole of a keystore that must work: "cow active # mine".
  static std::string state_of(const std::string& directory) {
    const auto opened = Keystore::open(directory, trust());
    if (!opened) return opened.error().line();
    const auto keys = opened->keys();
    const auto damaged = opened->check_private_halves();
    if (!keys || !damaged || !damaged->empty()) return "damaged";
    std::string text;
    for (const auto& each : *keys) {
      text += each.name + " " + std::string(key_state_name(each.state)) + " ";
    }
    return text + opened->images_text().value();
  }
  [[nodiscard]] std::vector<std::string> beside() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(dir_.path())) {
      names.push_back(each.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  const std::string before_ = std::string("cow active ") + kPolicy;
};

TEST_F(Restore, MakesAKeystoreWhereThereIsNone) {
  const auto restored = restore(collect(), plan("new"));
  ASSERT_TRUE(restored) << restored.error().line();
  EXPECT_EQ(restored->kept, "");
  EXPECT_EQ(state_of(dir_ / "new"), before_);
  EXPECT_EQ(beside(), (std::vector<std::string>{"new", "store"}));
  struct stat st {};
  ASSERT_EQ(::stat((dir_ / "new").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0700U);
  const std::string store_key = dir_ / "new/" + restored->seal.where;
  EXPECT_EQ(read_file(store_key), read_file(path() + "/" + restored->seal.where));
  ASSERT_EQ(::stat(store_key.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
}

TEST_F(Restore, FillsAnEmptyDirectory) {
  fs::create_directory(dir_ / "new");
  ASSERT_TRUE(restore(collect(), plan("new")));
  EXPECT_EQ(state_of(dir_ / "new"), before_);
  EXPECT_EQ(beside(), (std::vector<std::string>{"new", "store"}));
}

TEST_F(Restore, ReplacesAKeystoreAndKeepsIt) {
  const Backup backup = collect();
  ASSERT_TRUE(store_->step_key(record_.id, KeyStep::suspend));
  const auto restored = restore(backup, plan("store"));
  ASSERT_TRUE(restored) << restored.error().line();
  EXPECT_EQ(restored->kept, path() + ".before-restore");
  EXPECT_EQ(state_of(path()), before_);
  EXPECT_EQ(state_of(restored->kept), std::string("cow suspended ") + kPolicy);
  expect_error(restore(backup, plan("store")), Code::usage, "store.before-restore is still there");
  EXPECT_EQ(beside(), (std::vector<std::string>{"store", "store.before-restore"}));
}

TEST_F(Restore, ReplacesADamagedKeystore) {
  const Backup backup = collect();
  fs::remove_all(path() + "/signers");
  write_file(path() + "/images.yaml", "{");
  ASSERT_TRUE(restore(backup, plan("store")));
  EXPECT_EQ(state_of(path()), before_);
}

TEST_F(Restore, ReplacesNothingElse) {
  fs::create_directory(dir_ / "other");
  write_file(dir_ / "other/file", "x");
  expect_error(restore(collect(), plan("other")), Code::usage, "exists and is not a keystore");
  write_file(dir_ / "file", "x");
  EXPECT_FALSE(restore(collect(), plan("file")));
  fs::create_symlink("store", dir_ / "link");
  expect_error(restore(collect(), plan("link")), Code::config, "is a symbolic link");
  expect_error(restore(collect(), plan("none/store")), Code::config, "directory above");
  for (const char* path : {"", "relative", "/", "/a/.."}) {
    EXPECT_FALSE(restore(collect(), {path, trust(), {}})) << path;
  }
  EXPECT_EQ(beside(), (std::vector<std::string>{"file", "link", "other", "store"}));
}

TEST_F(Restore, LeavesEverythingWhenTheStoreKeyCannotBeSealed) {
  const Backup backup = collect();
  RestorePlan where = plan("new");
  where.seal = {SealMethod::file, dir_ / "store.key"};
  write_file(dir_ / "store.key", std::string(32, 'x'));
  fs::permissions(dir_ / "store.key", fs::perms(0600));
  expect_error(restore(backup, where), Code::usage, "holds another store key");
  where.seal.where = dir_ / "missing/store.key";
  EXPECT_FALSE(restore(backup, where));
  EXPECT_EQ(beside(), (std::vector<std::string>{"store", "store.key"}));
}

TEST_F(Restore, PutsTheStoreKeyElsewhereOrUsesTheOneThere) {
  const Backup backup = collect();
  RestorePlan where = plan("new");
  where.seal = {SealMethod::file, dir_ / "store.key"};
  ASSERT_TRUE(restore(backup, where));
  EXPECT_EQ(state_of(dir_ / "new"), before_);
  where.directory = dir_ / "second";
  ASSERT_TRUE(restore(backup, where)) << "the same store key is there already";
  EXPECT_EQ(state_of(dir_ / "second"), before_);
  fs::remove(dir_ / "store.key");
  EXPECT_EQ(state_of(dir_ / "new"), "damaged");
}

TEST_F(Restore, AWriterThatWaitedIsToldThatTheKeystoreIsAnother) {
  const Backup backup = collect();
  ASSERT_TRUE(restore(backup, plan("store")));
  expect_error(store_->step_key(record_.id, KeyStep::suspend), Code::temporary,
               "was replaced meanwhile");
  reopen();
  EXPECT_TRUE(store_->step_key(record_.id, KeyStep::suspend));
}

/// Killed at any moment, there is the old or the new keystore, and both work.
TEST_F(Restore, KilledAnywhereThereIsTheOldOrTheNewOne) {
  const Backup backup = collect();
  ASSERT_TRUE(store_->step_key(record_.id, KeyStep::suspend));
  const std::string old = state_of(path());
  int old_ones = 0;
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(restore(backup, plan("timed")));
  const auto whole = std::chrono::steady_clock::now() - began;
  fs::remove_all(dir_ / "timed");
  constexpr int kTurns = 24;
  for (int turn = 0; turn < kTurns; ++turn) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto done = restore(backup, plan("store"));
      ::_exit(done ? 0 : 1);
    }
    std::this_thread::sleep_for(whole * turn * 5 / (kTurns * 4));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const std::string now = state_of(path());
    ASSERT_TRUE(now == old || now == before_) << turn << ": " << now;
    if (now == old) {
      ++old_ones;
      continue;
    }
    // The old one is whole, under one name or the other. It takes its place again.
    std::string kept;
    for (const std::string& name : beside()) {
      const bool hidden = name.starts_with(".sifguard-restore-");
      if (name == "store.before-restore" || (hidden && state_of(dir_ / name) == old)) {
        kept = dir_ / name;
      }
    }
    ASSERT_EQ(state_of(kept), old);
    fs::remove_all(path());
    fs::rename(kept, path());
  }
  EXPECT_GT(old_ones, 0);
}

}  // namespace
}  // namespace sifguard
