// A process that is ended removes its file, and still ends by that signal.
#include "helper/tools/remove_on_signal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

/// The wait status of a child that gets the signal after `before`.
template <typename Before>
int ended_by(int signal, const std::string& directory, const Before& before) {
  const pid_t child = ::fork();
  if (child == 0) {
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    before();
    remove_on_signal(fd.get(), "half-made");
    ::raise(signal);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(RemoveOnSignal, RemovesAndEnds) {
  const test::TempDir dir;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGALRM, SIGIO, SIGRTMAX}) {
    test::write_file(dir / "half-made", "x");
    test::write_file(dir / "other", "x");
    const int status = ended_by(signal, dir.path(), [] {});
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_FALSE(std::filesystem::exists(dir / "half-made"));
    EXPECT_TRUE(std::filesystem::exists(dir / "other"));
  }
}

TEST(RemoveOnSignal, LeavesIgnoredSignalsIgnored) {
  const test::TempDir dir;
  test::write_file(dir / "half-made", "x");
  const int status = ended_by(SIGHUP, dir.path(), [] { ::signal(SIGHUP, SIG_IGN); });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_TRUE(std::filesystem::exists(dir / "half-made"));
}

}  // namespace
}  // namespace sifguard
