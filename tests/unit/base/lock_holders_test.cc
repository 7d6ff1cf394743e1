// Stopped and frozen holders of a lock. The processes and locks are real.
#include "keystore/base/lock_holders.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "keystore/base/atomic_file.h"
#include "keystore/base/clock.h"
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
    for (const std::string& one : mounted_) ::umount2(one.c_str(), MNT_DETACH);
    if (!group_.empty()) {
      std::ofstream(group_ + "/cgroup.freeze") << 0;
      for (int i = 0; i < 100 && ::rmdir(group_.c_str()) != 0 && errno == EBUSY; ++i) {
        ::usleep(10'000);
      }
    }
  }

  UniqueFd open_lock(const char* name = ".lock", int flags = O_RDWR | O_CREAT | O_CLOEXEC) const {
    return UniqueFd(::openat(directory_.get(), name, flags, 0600));
  }

  /// A process that takes the lock, is held up by `held_up` once it has it, and ends `ms` after it
  /// goes on.
  template <typename HeldUp>
  void start_holder(int ms, HeldUp held_up, const char* name = ".lock",
                    int flags = O_RDWR | O_CREAT | O_CLOEXEC) {
    Pipe ready = make_pipe().value();
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      const UniqueFd lock = open_lock(name, flags);
      if (!try_lock(lock.get(), LOCK_EX)) ::_exit(1);
      if (::write(ready.write_end.get(), "x", 1) != 1) ::_exit(2);
      held_up();
      ::usleep(static_cast<useconds_t>(ms) * 1000);
      ::_exit(0);
    }
    char c = 0;
    ASSERT_EQ(::read(ready.read_end.get(), &c, 1), 1);
  }
  void start_stopped_holder(int ms, const char* name = ".lock",
                            int flags = O_RDWR | O_CREAT | O_CLOEXEC) {
    start_holder(
        ms, [] { ::raise(SIGSTOP); }, name, flags);
    int status = 0;
    ASSERT_EQ(::waitpid(child_, &status, WUNTRACED), child_);
    ASSERT_TRUE(WIFSTOPPED(status));
  }

  test::TempDir dir_;
  UniqueFd directory_;
  pid_t child_ = -1;
  std::string group_;
  std::vector<std::string> mounted_;
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

TEST_F(LockHoldersTest, WhoHoldsAFileOfTheSameNumberElsewhereStaysStopped) {
  // Two filesystems whose first files have the same number, as any user can make them.
  for (const char* name : {"one", "two"}) {
    ASSERT_EQ(::mkdirat(directory_.get(), name, 0700), 0);
    ASSERT_EQ(::mount("test", (dir_ / name).c_str(), "tmpfs", 0, "size=64k"), 0);
    mounted_.push_back(dir_ / name);
  }
  start_stopped_holder(0, "one/.lock");
  const UniqueFd ours = open_lock("two/.lock");
  struct stat theirs {};
  struct stat mine {};
  ASSERT_EQ(::stat((dir_ / "one/.lock").c_str(), &theirs), 0);
  ASSERT_EQ(::fstat(ours.get(), &mine), 0);
  ASSERT_EQ(theirs.st_ino, mine.st_ino);
  EXPECT_EQ(wake_lock_holders(ours.get()), 0);
  EXPECT_EQ(::waitpid(child_, nullptr, WNOHANG), 0);
}

TEST_F(LockHoldersTest, TheLocksOfOthersDoNotHideTheHolder) {
  start_stopped_holder(0);
  // 60,000, which is more than 4 MiB of /proc/locks.
  std::vector<UniqueFd> files;
  for (int file = 0; file < 100; ++file) {
    files.push_back(open_lock((".many" + std::to_string(file)).c_str()));
    for (int i = 0; i < 600; ++i) {
      struct flock record {};
      record.l_type = F_WRLCK;
      record.l_whence = SEEK_SET;
      record.l_start = i * 2;
      record.l_len = 1;
      ASSERT_EQ(::fcntl(files.back().get(), F_SETLK, &record), 0) << i;
    }
  }
  const UniqueFd lock = open_lock();
  EXPECT_EQ(wake_lock_holders(lock.get()), 1);
}

TEST_F(LockHoldersTest, WhoHasADirectoryIsKnownToo) {
  start_stopped_holder(0, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const UniqueFd again(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_FALSE(try_lock(again.get(), LOCK_SH));
  EXPECT_FALSE(try_lock(again.get(), LOCK_EX));
  EXPECT_TRUE(lock_before(again.get(), LOCK_SH, monotonic_ms() + 30'000));
}

TEST_F(LockHoldersTest, WhoHasNotGotItYetIsKnownBefore) {
  // Stopped between the record and the lock: whoever comes waits, and wakes him.
  Pipe ready = make_pipe().value();
  child_ = ::fork();
  ASSERT_GE(child_, 0);
  if (child_ == 0) {
    const UniqueFd lock = open_lock();
    struct flock record {};
    record.l_type = F_WRLCK;
    record.l_whence = SEEK_SET;
    if (::fcntl(lock.get(), F_SETLK, &record) != 0) ::_exit(1);
    if (::write(ready.write_end.get(), "x", 1) != 1) ::_exit(2);
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  char c = 0;
  ASSERT_EQ(::read(ready.read_end.get(), &c, 1), 1);
  ASSERT_EQ(::waitpid(child_, nullptr, WUNTRACED), child_);
  const UniqueFd lock = open_lock();
  EXPECT_FALSE(try_lock(lock.get(), LOCK_EX));
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_TRUE(lock_before(lock.get(), LOCK_EX, monotonic_ms() + 30'000));
}

TEST_F(LockHoldersTest, TheWaitEndsAtItsTimeHoweverLongWakingTakes) {
  start_holder(60'000, [] {});
  const UniqueFd lock = open_lock();
  const std::int64_t start = monotonic_ms();
  EXPECT_FALSE(lock_before(lock.get(), LOCK_EX, start + 500));
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_GE(monotonic_ms(), start + 500);
  EXPECT_LT(monotonic_ms(), start + 5'000);
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
