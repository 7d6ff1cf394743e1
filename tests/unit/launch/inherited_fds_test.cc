// Which descriptors survive the launcher's exec. Children do the marking, not the test itself.
#include "helper/launch/inherited_fds.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sifguard {
namespace {

TEST(ParsePmiFd, TakesPlainNumbersAboveStderr) {
  EXPECT_EQ(parse_pmi_fd("3"), 3);
  EXPECT_EQ(parse_pmi_fd("17"), 17);
}

TEST(ParsePmiFd, RefusesAnythingElse) {
  for (const char* value :
       {"", "0", "1", "2", "-1", "-5", "x", "3x", " 3", "3 ", "0x4", "99999999999999999999"}) {
    EXPECT_FALSE(parse_pmi_fd(value).has_value()) << value;
  }
}

/// Bits: 1 for each of descriptors 100, 101, 102 that is close-on-exec afterwards, 8 for stderr,
/// 64 when marking failed.
int marked_by_child(std::optional<int> keep) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (int fd = 100; fd < 103; ++fd) ::dup2(STDERR_FILENO, fd);
    if (!close_on_exec_except(keep)) ::_exit(64);
    int bits = 0;
    for (int fd = 100; fd < 103; ++fd) {
      if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) bits |= 1 << (fd - 100);
    }
    if ((::fcntl(STDERR_FILENO, F_GETFD) & FD_CLOEXEC) != 0) bits |= 8;
    ::_exit(bits);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(CloseOnExec, MarksAllAboveStderr) {
  EXPECT_EQ(marked_by_child(std::nullopt), 7);
}

TEST(CloseOnExec, LeavesTheKeptOne) {
  EXPECT_EQ(marked_by_child(100), 6);
  EXPECT_EQ(marked_by_child(101), 5);
  EXPECT_EQ(marked_by_child(102), 3);
}

TEST(CloseOnExec, TakesAKeptOneThatIsNotOpen) {
  EXPECT_EQ(marked_by_child(3), 7);
  EXPECT_EQ(marked_by_child(2147483647), 7);
}

TEST(CloseAllDescriptors, FromTheFirstOn) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (int fd = 100; fd < 103; ++fd) ::dup2(STDERR_FILENO, fd);
    const bool done = close_all_from(101);
    const auto is_open = [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; };
    ::_exit(done && is_open(0) && is_open(100) && !is_open(101) && !is_open(102) ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sifguard
