// The keystore under concurrent writers that are killed at random moments while others read, and on
// a disk that is full: every read sees one whole state, old or new, and nothing is left behind.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "keystore/base/tree.h"
#include "keystore/store/revoked_digests.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Two texts put together would show.
std::string images_of(int mark) {
  std::string text = "version: 1\nimages: []\n";
  for (int i = 0; i < 500; ++i) text += "# " + std::to_string(mark) + "\n";
  return text;
}
bool is_whole_text(const std::string& text) {
  const std::size_t first = text.find('#');
  if (first == std::string::npos) return text == "version: 1\ndefault: reject\nimages: []\n";
  return text == images_of(std::atoi(text.c_str() + first + 2));
}

/// Everything that is half done now; what goes while it is listed is no concern.
std::set<std::string> leftovers(const std::string& path) {
  std::set<std::string> found;
  for (const std::string& name : list_names(path).value_or(std::vector<std::string>())) {
    if (name.starts_with(".tmp-") || name.ends_with(".tmp")) found.insert(path + "/" + name);
    found.merge(leftovers(path + "/" + name));
  }
  return found;
}

class KeystoreSafety : public test::StoreFixture {
 protected:
  static const RsaPrivateKey& key() {
    static const RsaPrivateKey made = RsaPrivateKey::generate(2048).value();
    return made;
  }
  static SignerRecord signer(int which) {
    SignerRecord record;
    record.id = "spki:" + std::string(63, 'a') + static_cast<char>('0' + which);
    record.names = {record.id};
    return record;
  }
  /// One change of one kind. A step that does not follow is refused, which is as good as done.
  static void change(Keystore& store, const std::string& id, unsigned what) {
    const int which = static_cast<int>(what / 8 % 3);
    KeyRule rule;
    switch (what % 8) {
      case 0:
        (void)store.step_key(id, KeyStep::suspend);
        break;
      case 1:
        (void)store.step_key(id, KeyStep::resume);
        break;
      case 2:
        (void)store.replace_images_text(images_of(static_cast<int>(what)));
        break;
      case 3:
        (void)store.add_signer(signer(which), "key " + std::to_string(what));
        break;
      case 4:
        (void)store.remove_signer(signer(which).id);
        break;
      case 5:
        rule.signers = {std::string(40, 'A')};
        rule.users.assign(what % 50 + 1, "user" + std::to_string(what));
        (void)store.set_key_rule(id, rule);
        break;
      case 6:
        (void)revoke_digest(store, {"sha256:" + std::string(63, 'b') + "012"[which], 0, "test"});
        break;
      default:
        (void)restore_digest(store, "sha256:" + std::string(63, 'b') + "012"[which]);
    }
  }
  /// One look at everything; what is wrong, or nothing.
  static std::string look(const std::string& path) {
    const auto store = Keystore::open(path, trust());
    if (!store) return store.error().line();
    const auto keys = store->keys();
    if (!keys) return keys.error().line();
    if (keys->size() != 1) return "a key is gone";
    // The record and the private half belong together, so one of another moment would not open.
    const auto damaged = store->check_private_halves();
    if (!damaged) return damaged.error().line();
    if (!damaged->empty()) return damaged->front().second.line();
    const auto& users = keys->front().rule.users;
    if (std::set<std::string>(users.begin(), users.end()).size() > 1) return "half a rule";
    const auto text = store->images_text();
    if (!text) return text.error().line();
    if (!is_whole_text(*text)) return "half an images file";
    if (const auto revoked = revoked_digests(*store); !revoked) return revoked.error().line();
    // A signer may be removed between two looks: that is no half state.
    const auto signers = store->signers();
    if (!signers && signers.error().what().find("No such file") == std::string::npos) {
      return signers.error().line();
    }
    return {};
  }
};

TEST_F(KeystoreSafety, KilledWritersLeaveWholeStatesAndNothingBehind) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string id = add("cow", key()).id;
  constexpr int kWriters = 3;
  constexpr int kKills = 300;
  constexpr int kFewest = 60;  // on a machine so busy that these alone take longer than is given

  const auto start_writer = [&](std::mt19937::result_type start) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto store = Keystore::open(path(), trust());
    if (!store) ::_exit(1);
    std::mt19937 own(start);
    for (;;) change(*store, id, static_cast<unsigned>(own() % 4800));
  };
  struct Writers {
    std::vector<pid_t> pids;
    void stop() {
      for (const pid_t pid : pids) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
      }
      pids.clear();
    }
    ~Writers() { stop(); }
  } group;
  std::vector<pid_t>& writers = group.pids;
  for (int i = 0; i < kWriters; ++i) writers.push_back(start_writer(random()));

  int looks = 0;
  const auto end = Clock::now() + std::chrono::seconds(12);
  int kills = 0;
  for (; kills < kFewest || (kills < kKills && Clock::now() < end); ++kills) {
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 6000));
    pid_t& writer = writers[random() % kWriters];
    ASSERT_EQ(::kill(writer, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    EXPECT_TRUE(WIFSIGNALED(status)) << "a writer ended by itself";
    writer = start_writer(random());
    const std::string wrong = look(path());
    ASSERT_EQ(wrong, "") << "after " << kills << " kills";
    ++looks;
    // One more at most for each writer that was killed since another tidied: they do not pile up.
    EXPECT_LT(leftovers(path()).size(), 20U);
  }
  group.stop();
  EXPECT_GT(kills, 50);
  EXPECT_EQ(looks, kills);
  // One change of each kind tidies up after all of them.
  reopen();
  for (unsigned what = 0; what < 8; ++what) change(*store_, id, what);
  ASSERT_TRUE(store_->add_signer(signer(0), "the last key"));
  EXPECT_EQ(leftovers(path()), std::set<std::string>());
  EXPECT_EQ(look(path()), "");
}

/// A small filesystem of its own, in a mount namespace of its own.
class KeystoreOnAFullDisk : public KeystoreSafety {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, "size=512k,mode=0700") != 0) {
      GTEST_SKIP() << "SKIPPED, NOT TESTED: a full disk (needs root and a mount namespace)";
    }
    StoreFixture::SetUp();
  }
  void TearDown() override { ::umount2(dir_.path().c_str(), MNT_DETACH); }

  /// Fills the disk but for so many pages.
  void leave(std::uintmax_t pages) {
    fs::remove(dir_ / "filler");
    const std::uintmax_t space = fs::space(dir_.path()).available;
    const std::uintmax_t kept = pages * 4096;
    if (space <= kept) return;
    test::write_file(dir_ / "filler", std::string(space - kept, 'x'));
  }
  [[nodiscard]] std::string state() const {
    const auto keys = store_->keys();
    const auto text = store_->images_text();
    const auto signers = store_->signers();
    if (!keys || !text || !signers) return "unreadable";
    return std::string(key_state_name(keys->front().state)) + " " + *text + " " +
           std::to_string(signers->size());
  }
  /// Done, or refused for want of space with everything as it was.
  template <typename T>
  void expect_done_or_unchanged(const Result<T>& result, const std::string& before) {
    if (result) {
      ++done_;
      return;
    }
    ++refused_;
    EXPECT_EQ(result.error().code(), Code::temporary) << result.error().line();
    EXPECT_EQ(state(), before);
  }
  int done_ = 0;
  int refused_ = 0;
};

TEST_F(KeystoreOnAFullDisk, WhatDoesNotFitChangesNothing) {
  const std::string id = add("cow", key()).id;
  for (std::uintmax_t pages = 0; pages <= 12; ++pages) {
    SCOPED_TRACE(std::to_string(pages) + " pages are free");
    leave(pages);
    std::string before = state();
    expect_done_or_unchanged(store_->step_key(id, KeyStep::suspend), before);
    before = state();
    expect_done_or_unchanged(store_->replace_images_text(images_of(static_cast<int>(pages))),
                             before);
    before = state();
    expect_done_or_unchanged(store_->add_signer(signer(0), "key " + std::to_string(pages)), before);
    before = state();
    expect_done_or_unchanged(revoke_digest(*store_, {"sha256:" + std::string(64, 'a'), 0, "x"}),
                             before);
    EXPECT_EQ(look(path()), "");
    leave(100);
    (void)store_->step_key(id, KeyStep::resume);
    EXPECT_EQ(leftovers(path()), std::set<std::string>());
  }
  EXPECT_GT(done_, 4);
  EXPECT_GT(refused_, 4);
}

}  // namespace
}  // namespace sifguard
