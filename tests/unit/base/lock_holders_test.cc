// Stopped and frozen holders of a lock. The processes and locks are real.
#include "keystore/base/lock_holders.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "keystore/base/atomic_file.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

class LockHoldersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "for root alone";
    directory_ = UniqueFd(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(directory_.valid());
  }
  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    if (!group_.empty()) {
      std::ofstream(group_ + "/cgroup.freeze") << 0;
      for (int i = 0; i < 100 && ::rmdir(group_.c_str()) != 0 && errno == EBUSY; ++i) {
        ::usleep(10'000);
      }
    }
  }

  UniqueFd open_lock(const char* name = ".lock") const {
    return UniqueFd(::openat(directory_.get(), name, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }

  /// A process that takes the lock, is held up by `held_up` once it has it, and ends `ms` after it
  /// goes on.
  template <typename HeldUp>
  void start_holder(int ms, HeldUp held_up) {
    Pipe ready = make_pipe().value();
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      const UniqueFd lock = open_lock();
      if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) ::_exit(1);
      if (::write(ready.write_end.get(), "x", 1) != 1) ::_exit(2);
      held_up();
      ::usleep(static_cast<useconds_t>(ms) * 1000);
      ::_exit(0);
    }
    char c = 0;
    ASSERT_EQ(::read(ready.read_end.get(), &c, 1), 1);
  }
  void start_stopped_holder(int ms) {
    start_holder(ms, [] { ::raise(SIGSTOP); });
    int status = 0;
    ASSERT_EQ(::waitpid(child_, &status, WUNTRACED), child_);
    ASSERT_TRUE(WIFSTOPPED(status));
  }

  test::TempDir dir_;
  UniqueFd directory_;
  pid_t child_ = -1;
  std::string group_;
};

TEST_F(LockHoldersTest, AStoppedOneGoesOn) {
  start_stopped_holder(0);
  const UniqueFd lock = open_lock();
  EXPECT_EQ(wake_lock_holders(lock.get()), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child_, &status, 0), child_);
  child_ = -1;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(LockHoldersTest, OneThatRunsIsLeftAlone) {
  start_holder(60'000, [] {});
  const UniqueFd lock = open_lock();
  EXPECT_EQ(wake_lock_holders(lock.get()), 0);
}

TEST_F(LockHoldersTest, WhoHoldsAnotherFileStaysStopped) {
  start_stopped_holder(0);
  const UniqueFd other = open_lock(".other");
  EXPECT_EQ(wake_lock_holders(other.get()), 0);
  EXPECT_EQ(::waitpid(child_, nullptr, WNOHANG), 0);
}


TEST_F(LockHoldersTest, NobodyHoldsIt) {
  const UniqueFd lock = open_lock();
  EXPECT_EQ(wake_lock_holders(lock.get()), 0);
}

TEST_F(LockHoldersTest, WhoWaitsForTheLockGetsIt) {
  start_stopped_holder(100);
  EXPECT_TRUE(
      FileLock::acquire(directory_.get(), ".lock", FileLock::Mode::exclusive, 30'000, "the lock"));
}

TEST_F(LockHoldersTest, AFrozenOneGoesOn) {
  for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    const std::string group = std::string(root) + "/sifguard-test-" + std::to_string(::getpid());
    if (::mkdir(group.c_str(), 0755) != 0) continue;
    group_ = group;
    if (std::ifstream(group + "/cgroup.freeze").good()) break;
    ::rmdir(group.c_str());
    group_.clear();
  }
  if (group_.empty()) GTEST_SKIP() << "no control groups (version 2) to make here";
  start_holder(0, [] { ::usleep(500'000); });
  std::ofstream(group_ + "/cgroup.procs") << child_;
  std::ofstream(group_ + "/cgroup.freeze") << 1;
  std::string events;
  for (int i = 0; i < 200 && events.find("frozen 1") == std::string::npos; ++i) {
    ::usleep(10'000);
    std::ifstream file(group_ + "/cgroup.events");
    events.assign(std::istreambuf_iterator<char>(file), {});
  }
  ASSERT_NE(events.find("frozen 1"), std::string::npos);
  ::usleep(600'000);
  ASSERT_EQ(::waitpid(child_, nullptr, WNOHANG), 0) << "it is not frozen";
  const UniqueFd lock = open_lock();
  EXPECT_EQ(wake_lock_holders(lock.get()), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child_, &status, 0), child_);
  child_ = -1;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace sifguard
