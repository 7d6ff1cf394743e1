// Children that are let go, and those that are not, when their parent ends.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "keystore/base/child.h"
#include "tests/unit/base/child_shell.h"

namespace sifguard {
namespace {

using test::kSecond;
using test::shell;

/// What a shell says once its starter has ended: it waits for the end of its input.
std::string said_after_its_parent(bool outlives) {
  auto input = make_pipe();
  auto output = make_pipe();
  const pid_t starter = ::fork();
  if (starter == 0) {
    ChildSpec spec = shell("cat >/dev/null; echo done");
    spec.fds = {{input->read_end.get(), 0}, {output->write_end.get(), 1}};
    spec.outlives_us = outlives;
    auto child = start_child(spec);
    if (!child) ::_exit(1);
    const UniqueFd handle = std::move(*child).let_go();
    ::_exit(handle.valid() ? 0 : 2);
  }
  int status = -1;
  ::waitpid(starter, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  output->write_end.reset();
  input->write_end.reset();
  return read_until(output->read_end.get(), 100, monotonic_ms() + 60 * kSecond, "child").value();
}

TEST(Child, ThatIsLetGoOutlivesItsParent) {
  EXPECT_EQ(said_after_its_parent(true), "done\n");
}

TEST(Child, ThatIsNotSaidToOutliveItsParentDoesNot) {
  EXPECT_EQ(said_after_its_parent(false), "");
}

TEST(Child, ThatLocksMemoryMayLockAllThatTheNodeGives) {
  struct rlimit ours {};
  ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &ours), 0);
  struct rlimit lower = {4096, ours.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &lower), 0);
  auto output = make_pipe();
  ChildSpec spec = shell("ulimit -l");
  spec.fds = {{output->write_end.get(), 1}};
  spec.isolation.locks_memory = true;
  auto child = start_child(spec);
  ::setrlimit(RLIMIT_MEMLOCK, &ours);
  ASSERT_TRUE(child) << child.error().line();
  output->write_end.reset();
  const auto said = read_until(output->read_end.get(), 100, monotonic_ms() + 60 * kSecond, "child");
  ASSERT_TRUE(said);
  if (*said == "unlimited\n") return;  // we are root
  EXPECT_EQ(*said, std::to_string(ours.rlim_max / 1024) + "\n");
}

}  // namespace
}  // namespace sifguard
