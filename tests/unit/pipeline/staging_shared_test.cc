// Staging: what a launch may take of another's copy, and of a registry's word.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <sstream>
#include <vector>

#include "tests/unit/pipeline/staging_fixture.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::signers;
using test::StagingAsRoot;

/// On a filesystem whose identities are not believed.
class WaitersAsRoot : public StagingAsRoot {
 protected:
  void SetUp() override {
    StagingAsRoot::SetUp();
    options_.trust_identity = false;
  }
  /// An image that is open already, and cannot be copied any more.
  [[nodiscard]] OpenedImage waiter() const {
    auto opened = open();
    EXPECT_TRUE(opened);
    // The youngest child; never process -1, which is all of them.
    std::istringstream children(
        test::read_file("/proc/self/task/" + std::to_string(::gettid()) + "/children"));
    pid_t opener = -1;
    while (children >> opener) {
    }
    EXPECT_TRUE(opener > 1 && ::kill(opener, SIGKILL) == 0);
    return *std::move(opened);
  }
  void expect_shared(OpenedImage waiter) const {
    const auto staged = stage(std::move(waiter), by_alice_);
    ASSERT_TRUE(staged) << staged.error().line();
    EXPECT_NE(staged->entry(), nullptr);
  }
  void expect_own_copy(OpenedImage waiter) const {
    EXPECT_FALSE(stage(std::move(waiter), by_alice_));
  }
  const Decision by_alice_ = decision(signers().alice);
};

TEST_F(WaitersAsRoot, TakeWhatWasCopiedSinceTheyOpened) {
  OpenedImage first = waiter();
  OpenedImage second = waiter();
  run(by_alice_);
  expect_shared(std::move(first));
  expect_shared(std::move(second));
}

TEST_F(WaitersAsRoot, AlsoWhereTheCacheHadItsContentBefore) {
  run(by_alice_);
  OpenedImage late = waiter();
  run(by_alice_);
  expect_shared(std::move(late));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyThatBeganBeforeTheyOpened) {
  run(by_alice_);
  expect_own_copy(waiter());
  auto staged = stage(by_alice_);  // and one that ends later is no better
  ASSERT_TRUE(staged);
  OpenedImage late = waiter();
  ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
  expect_own_copy(std::move(late));
}

TEST_F(WaitersAsRoot, DoNotTakeAnothersCopy) {
  OpenedImage other = waiter();
  run(by_alice_);
  options_.uid = test::kUser - 1;
  expect_own_copy(std::move(other));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyOfAnotherFile) {
  OpenedImage replaced = waiter();
  const std::string image = test::read_file(path_);
  fs::remove(path_);
  place(image);
  OpenedImage rewritten = waiter();
  place(image);
  run(by_alice_);
  expect_own_copy(std::move(replaced));
  expect_own_copy(std::move(rewritten));
}

TEST_F(WaitersAsRoot, DoNotTakeACopyThatWasNotLaunched) {
  OpenedImage late = waiter();
  EXPECT_TRUE(stage(by_alice_));
  expect_own_copy(std::move(late));
}

TEST_F(WaitersAsRoot, WaitForALimitedTime) {
  options_.stage_timeout_s = 1;
  const auto held = cache_->copy_turn(options_.uid, open()->identity(), 0);
  ASSERT_TRUE(held);
  const std::int64_t start = monotonic_ms();
  const auto staged = stage(by_alice_);
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code(), Code::temporary);
  EXPECT_GE(monotonic_ms() - start, 900);
}

TEST_F(WaitersAsRoot, HaveAllTheTimeOfACopyAfterTheWait) {
  auto opened = open(1000);
  ASSERT_TRUE(opened);
  ::usleep(1100000);
  const auto staged = stage(*std::move(opened), by_alice_);
  EXPECT_TRUE(staged) << staged.error().line();
}

/// What this process has written so far, to files and pipes.
std::uint64_t bytes_written() {
  std::istringstream io(test::read_file("/proc/self/io"));
  std::string name;
  std::uint64_t value = 0;
  while (io >> name >> value && name != "wchar:") {
  }
  return value;
}

TEST_F(WaitersAsRoot, ThatOpenedAtOnceMakeOneCopy) {
  constexpr int kTasks = 16;
  constexpr std::size_t kLarge = 1U << 20U;
  test::ObjectSpec object;
  object.type = 0x4007;
  object.data = std::string(kLarge, 'x');
  place(test::signed_image(test::plain_image().add(object), signers().gpg, signers().alice));
  auto ready = make_pipe();
  auto go = make_pipe();
  ASSERT_TRUE(ready && go);
  std::vector<pid_t> tasks;
  for (int i = 0; i < kTasks; ++i) {
    const pid_t task = ::fork();
    ASSERT_GE(task, 0);
    if (task == 0) {
      auto image = open();
      go->write_end.reset();
      char byte = 0;
      if (!image || ::write(ready->write_end.get(), "r", 1) != 1) ::_exit(2);
      if (::read(go->read_end.get(), &byte, 1) != 0) ::_exit(2);  // until all are told
      const std::uint64_t before = bytes_written();
      auto staged = stage(*std::move(image), by_alice_);
      if (!staged || !staged->publish(*cache_, staged->record(), {})) ::_exit(2);
      ::_exit(bytes_written() - before >= kLarge ? 1 : 0);
    }
    tasks.push_back(task);
  }
  ready->write_end.reset();
  for (int i = 0; i < kTasks; ++i) {
    char byte = 0;
    ASSERT_EQ(::read(ready->read_end.get(), &byte, 1), 1);
  }
  go->write_end.reset();
  int copies = 0;
  for (const pid_t task : tasks) {
    int status = 0;
    ASSERT_EQ(::waitpid(task, &status, 0), task);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    copies += WEXITSTATUS(status);
  }
  EXPECT_EQ(copies, 1);
}

/// Stands in for sifguard-puller: it promises the content of the file "registry", and sends it
/// unless there is a file "lost".
constexpr const char* kPuller = R"(#!/usr/bin/python3 -I
import hashlib, os, struct
have = 0
while have < 8192: have += len(os.read(3, 8192 - have))
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
data = open(here + '/registry', 'rb').read()
digest = hashlib.sha256(data).hexdigest().encode()
os.write(3, struct.pack('IiQQQQQqq4096s65s256s80s0Q', 0, 0, 0, 0, 0, 0, len(data), 0, 0, b'', digest, b'', b''))
if os.read(3, 1) == b'S':
    if os.path.exists(here + '/lost'): os._exit(1)
    while data: data = data[os.write(4, data):]
)";

class PromisesAsRoot : public StagingAsRoot {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    if (!fs::exists("/usr/bin/python3")) GTEST_SKIP() << "SKIPPED: no python3";
    StagingAsRoot::SetUp();
    test::write_file(directory_ / "libexec/sifguard-puller", kPuller);
    ::chmod((directory_ / "libexec/sifguard-puller").c_str(), 0755);
    fs::copy_file(path_, directory_ / "registry");
  }
  [[nodiscard]] Result<StagedImage> pull(const std::string& name = kName) const {
    OpenOptions options;
    options.libexec_dir = options_.libexec_dir;
    options.owner = Identity{test::kUser, test::kGroup, {}};
    options.deadline_ms = monotonic_ms() + 30000;
    SG_TRY(OpenedImage opened, open_image(name, "/", options));
    return stage(std::move(opened), by_alice_);
  }
  void lose() const { test::write_file(directory_ / "lost", ""); }
  void expect_believed() const {
    const auto staged = pull();
    ASSERT_TRUE(staged) << staged.error().line();
    EXPECT_NE(staged->entry(), nullptr);
  }
  void expect_not_believed() const {
    const auto staged = pull();
    ASSERT_FALSE(staged);
    EXPECT_EQ(staged.error().code(), Code::temporary) << staged.error().line();
  }
  static constexpr const char* kName = "oras://registry/site/image:1";
  const Decision by_alice_ = decision(signers().alice);
};

TEST_F(PromisesAsRoot, AreNotBelievedForWhatOthersStaged) {
  run(by_alice_);  // from a file
  lose();
  expect_not_believed();
}

TEST_F(PromisesAsRoot, AreBelievedOnceTheyWereKept) {
  auto fetched = pull();
  ASSERT_TRUE(fetched) << fetched.error().line();
  ASSERT_TRUE(fetched->publish(*cache_, fetched->record(), {}));
  lose();
  expect_believed();
  options_.uid = test::kUser - 1;
  expect_not_believed();
  options_.uid = 0;
  expect_not_believed();
}

TEST_F(PromisesAsRoot, AreBelievedAlsoWhereTheCacheHadTheContentBefore) {
  run(by_alice_);
  EXPECT_NE(pull()->entry(), nullptr);
  lose();
  expect_believed();
}

TEST_F(PromisesAsRoot, ThatWereNotLaunchedAreNotBelieved) {
  EXPECT_TRUE(pull());
  run(by_alice_);
  lose();
  expect_not_believed();
}

TEST_F(PromisesAsRoot, AreBelievedForWhatIsPreloadedUnderTheirName) {
  run(by_alice_);
  const std::string digest = stage(by_alice_)->digest();
  lose();
  ASSERT_TRUE(cache_->remember_preloaded(test::name("oras://registry/site/image:2"), digest));
  expect_not_believed();
  ASSERT_TRUE(cache_->remember_preloaded(test::name(kName), std::string(64, '0')));
  expect_not_believed();
  ASSERT_TRUE(cache_->remember_preloaded(test::name(kName), digest));
  expect_believed();
}

}  // namespace
}  // namespace sifguard
