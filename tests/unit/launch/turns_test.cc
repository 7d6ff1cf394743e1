// Turns at the unlock: who has one, and when it comes back. Children take them, not the test.
#include "helper/launch/turns.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>

#include "keystore/base/child.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

// Far more than anything takes here, and less than a turn: what is waited for has to come before a
// turn ends by itself.
constexpr std::int64_t kPatienceMs = kLongestTurnMs - 2000;

class Turns : public testing::Test {
 protected:
  void make_turns(int count) const {
    for (int i = 0; i < count; ++i) test::write_file(path() + "/" + std::to_string(i), "");
  }
  [[nodiscard]] std::string path() const { return directory_.path(); }
  [[nodiscard]] bool is_free(std::int64_t patience_ms = 0) const {
    return wait_for_turn(path(), 1, monotonic_ms() + patience_ms).valid();
  }

 private:
  test::TempDir directory_;
};

/// A child in place of a launcher that becomes the runtime: takes the only turn, does `then`, tells
/// that it has, and lives until it is killed.
class Task {
 public:
  explicit Task(
      const std::string& turns, const std::function<bool()>& then = [] { return true; }) {
    auto pipe = make_pipe();
    pid_ = ::fork();
    if (pid_ == 0) {
      take_turn(turns, nullptr);
      const char good = then() ? 'y' : 'n';
      if (::write(pipe->write_end.get(), &good, 1) != 1) ::_exit(1);
      pipe->write_end.reset();
      for (;;) ::pause();
    }
    pipe->write_end.reset();
    said_ = std::move(pipe->read_end);
    char good = 0;
    good_ = ::read(said_.get(), &good, 1) == 1 && good == 'y';
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { end(); }
  void end() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] bool good() const { return good_; }
  /// Whether nobody holds what the task has closed.
  [[nodiscard]] bool is_let_go() const {
    char byte = 0;
    return ready_before(said_.get(), monotonic_ms() + kPatienceMs) &&
           ::read(said_.get(), &byte, 1) == 0;
  }

 private:
  pid_t pid_ = -1;
  UniqueFd said_;
  bool good_ = false;
};

TEST_F(Turns, AreAsManyAsThereAreFiles) {
  make_turns(2);
  const UniqueFd first = wait_for_turn(path(), 9, 0);
  UniqueFd second = wait_for_turn(path(), 9, 0);
  EXPECT_TRUE(first.valid());
  EXPECT_TRUE(second.valid());
  EXPECT_FALSE(wait_for_turn(path(), 9, 0).valid());
  second.reset();
  EXPECT_TRUE(wait_for_turn(path(), 9, 0).valid());
}

TEST_F(Turns, AreNoMoreThanAskedFor) {
  make_turns(3);
  const UniqueFd first = wait_for_turn(path(), 2, 0);
  const UniqueFd second = wait_for_turn(path(), 2, 0);
  EXPECT_TRUE(second.valid());
  EXPECT_FALSE(wait_for_turn(path(), 2, 0).valid());
}

TEST_F(Turns, NobodyWaitsWhereThereAreNone) {
  EXPECT_FALSE(wait_for_turn(path(), 9, monotonic_ms() + kLongestWaitMs).valid());
  EXPECT_FALSE(wait_for_turn(path() + "/none", 9, monotonic_ms() + kLongestWaitMs).valid());
  take_turn(path() + "/none", "4");
}

TEST_F(Turns, EndWithTheTask) {
  make_turns(1);
  Task task(path());
  ASSERT_TRUE(task.good());
  EXPECT_FALSE(is_free());
  task.end();
  EXPECT_TRUE(is_free(kPatienceMs));
}

TEST_F(Turns, TheWatcherKeepsNothingOfTheTasks) {
  make_turns(1);
  const Task task(path());
  EXPECT_TRUE(task.is_let_go());
  EXPECT_FALSE(is_free());
}

TEST_F(Turns, TheTaskHasNoChildToWaitFor) {
  make_turns(1);
  const Task task(path(), [] { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; });
  EXPECT_TRUE(task.good());
}

/// What gocryptfs mounts, with nobody who serves it.
bool mount_gocryptfs(const std::string& directory) {
  const int fuse = ::open("/dev/fuse", O_RDWR);
  const std::string options = "fd=" + std::to_string(fuse) + ",rootmode=40000,user_id=0,group_id=0";
  return fuse >= 0 && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("x", directory.c_str(), "fuse.gocryptfs", 0, options.c_str()) == 0;
}

TEST_F(Turns, EndWhenTheImageIsUnlocked) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  if (::access("/dev/fuse", R_OK) != 0) GTEST_SKIP() << "SKIPPED: needs FUSE";
  make_turns(1);
  const test::TempDir place;
  const Task task(path(), [&] { return mount_gocryptfs(place.path()); });
  ASSERT_TRUE(task.good());
  EXPECT_TRUE(is_free(kPatienceMs));
}

/// In a child of the runtime's, as with a setuid one.
TEST_F(Turns, EndWhenAChildHasUnlockedIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  if (::access("/dev/fuse", R_OK) != 0) GTEST_SKIP() << "SKIPPED: needs FUSE";
  make_turns(1);
  const test::TempDir place;
  const Task task(path(), [&] {
    auto pipe = make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const char good = mount_gocryptfs(place.path()) ? 'y' : 'n';
      if (::write(pipe->write_end.get(), &good, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char good = 0;
    return ::read(pipe->read_end.get(), &good, 1) == 1 && good == 'y';
  });
  ASSERT_TRUE(task.good());
  EXPECT_TRUE(is_free(kPatienceMs));
}

TEST(UnlockedBy, LooksAtTheProcessAndItsChildren) {
  const test::TempDir proc;
  const auto mounts = [&](const std::string& pid, const std::string& lines) {
    std::filesystem::create_directories(proc / pid + "/task/" + pid);
    test::write_file(proc / pid + "/mountinfo", lines);
  };
  const std::string root = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
  const auto gocryptfs = [](const std::string& device) {
    return "30 21 " + device + " / /plain rw,nosuid shared:7 - fuse.gocryptfs /c rw\n";
  };
  mounts("40", root + "29 21 0:60 / /cipher ro - fuse.squashfuse_ll x ro\n");
  const std::string process = proc / "40";
  EXPECT_TRUE(unlocked_by(process).empty());
  mounts("40", root + gocryptfs("0:66"));
  EXPECT_EQ(unlocked_by(process), std::set<std::string>{"0:66"});
  mounts("42", gocryptfs("0:70"));
  mounts("43", root);
  test::write_file(process + "/task/40/children", "42 43 ");
  EXPECT_EQ(unlocked_by(process), (std::set<std::string>{"0:66", "0:70"}));
  EXPECT_TRUE(unlocked_by(proc / "41").empty());
}

}  // namespace
}  // namespace sifguard
