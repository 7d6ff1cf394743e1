#include "keystore/backup/restore.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

#include "keystore/store/published_records.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/trust_sources.h"
#include "tests/unit/backup/backup_fixture.h"
#include "tests/unit/base/killed_at.h"

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
  expect_error(restore(backup, plan("store")), Code::exists, "store.before-restore is still there");
  EXPECT_EQ(beside(), (std::vector<std::string>{"store", "store.before-restore"}));
}

TEST_F(Restore, ReplacesADamagedKeystore) {
  const Backup backup = collect();
  fs::remove_all(path() + "/image-signers");
  write_file(path() + "/images.yaml", "{");
  ASSERT_TRUE(restore(backup, plan("store")));
  EXPECT_EQ(state_of(path()), before_);
}

TEST_F(Restore, ReplacesNothingElse) {
  fs::create_directory(dir_ / "other");
  write_file(dir_ / "other/file", "x");
  expect_error(restore(collect(), plan("other")), Code::exists, "exists and is not a keystore");
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
  expect_error(restore(backup, where), Code::exists, "holds another store key");
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

/// Killed at any moment, there is the old or the new keystore, and both work; and what is called
/// before-restore is the old one, whole: nothing else has to be kept.
TEST_F(Restore, KilledAnywhereThereIsTheOldOrTheNewOne) {
  Backup backup = collect();
  const std::string secret(as_text(backup.key.secret.bytes()));  // which a child does not inherit
  ASSERT_TRUE(store_->step_key(record_.id, KeyStep::suspend));
  const std::string old = state_of(path());
  const std::string kept = path() + ".before-restore";
  int old_ones = 0;
  fs::copy(path(), dir_ / "timed", fs::copy_options::recursive);  // replacing takes longest
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(restore(backup, plan("timed")));
  const auto whole = std::chrono::steady_clock::now() - began;
  fs::remove_all(dir_ / "timed");
  fs::remove_all(dir_ / "timed.before-restore");
  // Later and later, until it comes to its end before: how long that takes is the machine's affair.
  constexpr int kTurns = 400;
  int ended = 0;
  for (int turn = 0; ended < 2 && turn < kTurns; ++turn) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      backup.key.secret = SecretBytes::copy_of(as_bytes(secret)).value();
      const auto done = restore(backup, plan("store"));
      if (!done) std::cerr << done.error().line() << "\n";
      ::_exit(done ? 0 : 1);
    }
    std::this_thread::sleep_for(whole * turn / 20);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0)
        << "what one that was killed left was in the way";
    if (WIFEXITED(status)) ++ended;
    for (const std::string& name : beside()) {
      if (name.starts_with(".sifguard-restore-")) fs::remove_all(dir_ / name);
    }
    const std::string now = state_of(path());
    ASSERT_TRUE(now == old || now == before_) << turn << ": " << now;
    if (fs::exists(kept)) {
      ASSERT_EQ(state_of(kept), old) << turn;
    }
    if (now == old) {
      ++old_ones;
      continue;
    }
    fs::remove_all(path());
    fs::rename(kept, path());
  }
  EXPECT_GT(old_ones, 0);
  EXPECT_EQ(ended, 2);
}

/// What was killed is tidied by the next restore, where all of it is elsewhere, and nothing else.
TEST_F(Restore, WhatAKilledOneLeftGoesWhereAllOfItIsElsewhere) {
  Backup backup = collect();
  const std::string secret(as_text(backup.key.secret.bytes()));  // which a child does not inherit
  const auto left = [&] {
    auto names = beside();
    std::erase_if(names, [](const std::string& name) { return name.front() != '.'; });
    return names;
  };
  const auto killed = [&](unsigned number, const char* where) {
    return test::killed_at(number, [&] {
      backup.key.secret = SecretBytes::copy_of(as_bytes(secret)).value();
      (void)restore(backup, plan(where));
    });
  };
  for (const unsigned number : {unsigned{SYS_fchmod}, unsigned{SYS_syncfs}, unsigned{SYS_linkat}}) {
    ASSERT_TRUE(killed(number, "store")) << number;
    ASSERT_FALSE(left().empty()) << number;
    ASSERT_TRUE(restore(backup, plan("store"))) << number;
    EXPECT_EQ(beside(), (std::vector<std::string>{"store", "store.before-restore"})) << number;
    fs::remove_all(path() + ".before-restore");
  }
  ASSERT_TRUE(killed(SYS_syncfs, "store"));
  ASSERT_EQ(left().size(), 1U);
  const std::string directory = dir_ / left().front();
  const std::string key = directory + "/keys/" + record_.id + "/private.key";
  ASSERT_TRUE(fs::exists(key));
  test::write_file(key, "another");
  ASSERT_TRUE(restore(backup, plan("store")));
  EXPECT_EQ(test::read_file(key), "another") << "which is nowhere else";
  fs::remove(key);
  fs::remove_all(path() + ".before-restore");
  fs::remove(directory + "/.unfinished");
  ASSERT_TRUE(restore(backup, plan("store")));
  EXPECT_TRUE(fs::exists(directory)) << "it may have been the keystore";
}

TEST_F(Restore, WhatWasChangedSinceTheQuestionIsNotUndone) {
  const Backup backup = collect();
  RestorePlan asked = plan("store");
  asked.agreed.emplace();
  ASSERT_TRUE(store_->step_key(record_.id, KeyStep::suspend));
  expect_error(restore(backup, asked), Code::temporary,
               "the keystore was changed meanwhile, nothing was restored: the key 'cow', now "
               "suspended, is active in the backup");
  EXPECT_EQ(state_of(path()), std::string("cow suspended ") + kPolicy);
  EXPECT_EQ(beside(), (std::vector<std::string>{"store"}));
  asked.agreed->push_back("the key 'cow', now suspended, is active in the backup");
  EXPECT_TRUE(restore(backup, asked));
}

TEST_F(Restore, TellsWhatItUndoesOfPublishedImagesAndSources) {
  const std::string digest = "sha256:" + std::string(64, '1');
  ASSERT_TRUE(add_published(*store_, {"old", digest, 0, "/a", digest, "", {}}));
  ASSERT_TRUE(set_trust_sources(*store_, {{"http://a/x.crl"}, {}, {"host"}, ""}));
  const Backup backup = collect();
  const BackupContents contents = read_contents(backup).value();
  const auto lines = [&] { return undone_by_restore(&*store_, backup, contents, {}).lines; };
  EXPECT_TRUE(lines().empty());
  ASSERT_TRUE(remove_published(*store_, "old"));
  ASSERT_TRUE(add_published(*store_, {"new", digest, 0, "/a", digest, "", {}}));
  ASSERT_TRUE(set_trust_sources(*store_, {{}, {"http://b/"}, {"host"}, "http://p:3128"}));
  EXPECT_EQ(lines(), (std::vector<std::string>{
                         "the published image 'new' (" + digest +
                             "), published since, is not in the backup: what it was made of is "
                             "forgotten",
                         "the published image 'old' (" + digest +
                             "), unpublished since, is published in the backup",
                         "the trust source http://a/x.crl, removed since, is in the backup",
                         "the trust source http://b/, added since, is not in the backup",
                         "the proxy of trust sources is '' in the backup, now 'http://p:3128'"}));
}

TEST_F(Restore, TellsWhatItUndoes) {
  const Backup backup = collect();
  const BackupContents contents = read_contents(backup).value();
  const auto lines = [&] { return undone_by_restore(&*store_, backup, contents, {}).lines; };
  EXPECT_TRUE(lines().empty());
  ASSERT_TRUE(store_->set_signer_state("spki:" + std::string(64, 'a'), SignerState::retired,
                                       ::time(nullptr), ""));
  ASSERT_TRUE(store_->step_key(record_.id, KeyStep::retire));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"the key 'cow', now retired, is active in the backup",
                                      "the signer spki:" + std::string(64, 'a') +
                                          ", now retired, is active in the backup"}));
  ASSERT_TRUE(store_->remove_signer("spki:" + std::string(64, 'a')));
  EXPECT_EQ(lines().back(), "the signer spki:" + std::string(64, 'a') +
                                ", retired and removed since, is active in the backup");
  EXPECT_EQ(undone_by_restore(nullptr, backup, contents, {}).lines.size(), 1U);
}

/// It is a copy of what is there, of which nothing came.
TEST_F(Restore, OneThatWasKilledBeforeTheExchangeIsInNobodysWay) {
  const Backup backup = collect();
  const std::string kept = path() + ".before-restore";
  fs::copy(path(), kept, fs::copy_options::recursive | fs::copy_options::create_hard_links);
  ASSERT_TRUE(revoke_digest(*store_, {"sha256:" + std::string(64, '1'), 0, "bad"}));
  ASSERT_TRUE(store_->replace_images_text(std::string(kPolicy) + "# since\n"));
  const auto done = restore(backup, plan("store"));
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(state_of(done->kept), before_ + "# since\n");
  EXPECT_EQ(state_of(path()), before_);
  // Of the exchange that was made, the copy stays.
  reopen();
  ASSERT_TRUE(revoke_digest(*store_, {"sha256:" + std::string(64, '2'), 0, "bad"}));
  expect_error(restore(backup, plan("store")), Code::exists, "as it was at another restore");
  EXPECT_EQ(state_of(kept), before_ + "# since\n");
}

}  // namespace
}  // namespace sifguard
