// Children: environment, descriptors, identity, isolation, deadlines. Parts of it need root.
#include "keystore/base/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/base/child_shell.h"

namespace sifguard {
namespace {

using test::kSecond;
using test::shell;

struct Outcome {
  int status = -1;
  std::string output;
};

Outcome run(ChildSpec spec) {
  auto pipe = make_pipe();
  EXPECT_TRUE(pipe);
  spec.fds.push_back({pipe->write_end.get(), 1});
  auto child = start_child(spec);
  EXPECT_TRUE(child) << (child ? "" : child.error().what());
  if (!child) return {};
  pipe->write_end.reset();
  auto text = read_until(pipe->read_end.get(), 65536, monotonic_ms() + 20 * kSecond, "child");
  auto status = child->wait(monotonic_ms() + 20 * kSecond);
  EXPECT_TRUE(text && status);
  return {status ? *status : -1, text ? *text : ""};
}

TEST(Child, PassesTheExitStatusThrough) {
  const Outcome outcome = run(shell("exit 42"));
  EXPECT_TRUE(WIFEXITED(outcome.status));
  EXPECT_EQ(WEXITSTATUS(outcome.status), 42);
}

TEST(Child, HasOnlyTheEnvironmentGiven) {
  ::setenv("LD_PRELOAD_LIKE", "hostile", 1);
  ChildSpec spec;
  spec.program = "/usr/bin/env";
  spec.argv = {"env"};
  spec.environment = {"ONLY=this"};
  EXPECT_EQ(run(spec).output, "ONLY=this\n");
}

TEST(Child, StartsInTheRootDirectory) {
  EXPECT_EQ(run(shell("pwd")).output, "/\n");
}

TEST(Child, HasOnlyTheDescriptorsGiven) {
  const UniqueFd stray(::open("/etc/passwd", O_RDONLY));  // deliberately without O_CLOEXEC
  ASSERT_TRUE(stray.valid());
  ChildSpec spec;
  spec.program = "/bin/ls";
  spec.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(run(spec).output, "0\n1\n2\n3\n");  // 3 is the directory ls reads
}

TEST(Child, SwapsDescriptorsThatStandInEachOthersPlace) {
  auto first = make_pipe();
  auto second = make_pipe();
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(write_all(first->write_end.get(), "A", "pipe"));
  ASSERT_TRUE(write_all(second->write_end.get(), "B", "pipe"));
  ChildSpec spec = shell("head -c1 <&3; head -c1 <&4");
  spec.fds = {{second->read_end.get(), 3}, {first->read_end.get(), 4}};
  EXPECT_EQ(run(spec).output, "BA");
}

TEST(Child, MissingProgramIsUnavailable) {
  ChildSpec spec;
  spec.program = "/nonexistent/program";
  spec.argv = {"program"};
  auto child = start_child(spec);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), Code::unavailable);
  EXPECT_NE(child.error().what().find("/nonexistent/program"), std::string::npos);
}

TEST(Child, IsKilledAtTheDeadline) {
  auto child = start_child(shell("sleep 60"));
  ASSERT_TRUE(child);
  const pid_t pid = child->pid();
  auto status = child->wait(monotonic_ms() + 50);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), Code::temporary);
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Child, IsKilledOnDestruction) {
  pid_t pid = -1;
  {
    auto child = start_child(shell("sleep 60"));
    ASSERT_TRUE(child);
    pid = child->pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Child, IsKilledWithItsParent) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const auto child = start_child(shell("sleep 60"));
    const pid_t pid = child ? child->pid() : -1;
    if (!write_all(pipe->write_end.get(), std::as_bytes(std::span(&pid, 1)), "pipe")) ::_exit(1);
    ::pause();
  }
  pid_t child = -1;
  ASSERT_EQ(::read(pipe->read_end.get(), &child, sizeof child), sizeof child);
  ASSERT_GT(child, 0);
  EXPECT_EQ(::kill(child, 0), 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  const std::string status = "/proc/" + std::to_string(child) + "/stat";
  const auto alive = [&] {
    std::ifstream file(status);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t state = text.rfind(") ");
    return state != std::string::npos && text[state + 2] != 'Z';
  };
  for (int i = 0; i < 200 && alive(); ++i) ::usleep(10000);
  EXPECT_FALSE(alive());
}

TEST(Child, ThatIsStoppedIsKilledAtTheDeadlineToo) {
  auto child = start_child(shell("sleep 60"));
  ASSERT_TRUE(child);
  const pid_t pid = child->pid();
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);
  EXPECT_FALSE(child->wait(monotonic_ms() + 50));
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Child, TooMuchOutputIsRefused) {
  auto pipe = make_pipe();
  ChildSpec spec = shell("head -c 100000 /dev/zero");
  spec.fds = {{pipe->write_end.get(), 1}};
  auto child = start_child(spec);
  ASSERT_TRUE(child);
  pipe->write_end.reset();
  auto text = read_until(pipe->read_end.get(), 1000, monotonic_ms() + 10 * kSecond, "child");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), Code::refused);
}

TEST(Child, CannotGainPrivileges) {
  EXPECT_EQ(run(shell("grep NoNewPrivs /proc/self/status")).output, "NoNewPrivs:\t1\n");
}

TEST(Child, IsWaitedForHoweverLongItTakes) {
  auto child = start_child(shell("sleep 0.2; exit 3"));
  ASSERT_TRUE(child);
  const auto status = child->wait(kNoDeadline);
  ASSERT_TRUE(status);
  EXPECT_EQ(WEXITSTATUS(*status), 3);
}

TEST(Child, InTheForegroundIsAPartOfTheCommand) {
  std::array<char, PATH_MAX> directory{};
  ASSERT_NE(::getcwd(directory.data(), directory.size()), nullptr);
  const mode_t mask = ::umask(027);
  ChildSpec spec =
      shell("pwd; umask; echo $(cut -d' ' -f5,6 /proc/$$/stat); grep NoNewPrivs /proc/$$/status");
  spec.in_foreground = true;
  const std::string seen = run(spec).output;
  ::umask(mask);
  const std::string group = std::to_string(::getpgrp()) + " " + std::to_string(::getsid(0));
  EXPECT_EQ(seen, std::string(directory.data()) + "\n0027\n" + group + "\nNoNewPrivs:\t0\n");
}

TEST(Child, InTheForegroundHasOurStandardStreamsAndNoOtherDescriptor) {
  const UniqueFd stray(::open("/etc/passwd", O_RDONLY));  // deliberately without O_CLOEXEC
  struct stat input {};
  ASSERT_EQ(::fstat(STDIN_FILENO, &input), 0);
  ChildSpec spec = shell("stat -L -c %i /proc/$$/fd/0; ls /proc/$$/fd | tr '\\n' ' '");
  spec.in_foreground = true;
  EXPECT_EQ(run(spec).output, std::to_string(input.st_ino) + "\n0 1 2 ");
}

TEST(Child, IgnoresWhatWeIgnoreInTheForegroundAlone) {
  const auto handler = ::signal(SIGUSR1, SIG_IGN);
  ChildSpec spec = shell("kill -USR1 $$; echo lives");
  EXPECT_EQ(run(spec).output, "");
  spec.in_foreground = true;
  EXPECT_EQ(run(spec).output, "lives\n");
  ::signal(SIGUSR1, [](int /*signal*/) {});
  EXPECT_EQ(run(spec).output, "");  // a handler of ours is none of its
  ::signal(SIGUSR1, handler);
}

TEST(ChildAsRoot, OfAProcessWithThreadsAssumesItsIdentityToo) {
  REQUIRE_ROOT();
  auto pipe = make_pipe();
  std::thread other([&] {
    char byte = 0;
    EXPECT_EQ(::read(pipe->read_end.get(), &byte, 1), 0);
  });
  ChildSpec spec = shell("id -u");
  spec.identity = Identity{65534, 65534, {}};
  EXPECT_EQ(run(spec).output, "65534\n");
  pipe->write_end.reset();
  other.join();
}

TEST(ChildAsRoot, OfAUserWithTooManyProcessesIsTemporary) {
  REQUIRE_ROOT();
  const pid_t tester = ::fork();  // the limit is this process's for good
  ASSERT_GE(tester, 0);
  if (tester == 0) {
    ChildSpec spec = shell("sleep 60");
    spec.identity = Identity{65534, 65534, {}};
    const auto first = start_child(spec);
    const struct rlimit none = {0, 0};
    if (!first || ::setrlimit(RLIMIT_NPROC, &none) != 0) ::_exit(2);
    const auto child = start_child(spec);
    ::_exit(!child && child.error().code() == Code::temporary ? 0 : 1);
  }
  int status = 0;
  ::waitpid(tester, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(ChildAsRoot, AssumesExactlyTheIdentityGiven) {
  REQUIRE_ROOT();
  ChildSpec spec = shell("id -u; id -g; id -G; grep CapEff /proc/self/status");
  spec.identity = Identity{65534, 65534, {1234}};
  EXPECT_EQ(run(spec).output, "65534\n65534\n65534 1234\nCapEff:\t0000000000000000\n");
}

TEST(ChildAsRoot, SeesNoNetworkAndOnlyItsOwnProcesses) {
  REQUIRE_ROOT();
  ChildSpec spec = shell("echo $$; tail -n +3 /proc/net/dev | grep -v lo: ; echo end");
  spec.isolation.network = Namespace::must;
  spec.isolation.processes = Namespace::must;
  spec.identity = Identity{65534, 65534, {}};
  // /proc belongs to the host's PID namespace, where this process has no "self"
  EXPECT_EQ(run(spec).output.substr(0, 2), "1\n");
}

TEST(Child, PassesItsStatusToAParentThatIgnoresChildren) {
  const pid_t tester = ::fork();
  if (tester == 0) {
    ::signal(SIGCHLD, SIG_IGN);
    auto child = start_child(shell("exit 7"));
    const auto status = child ? child->wait(monotonic_ms() + 10 * kSecond) : Result<int>(-1);
    ::_exit(status && WIFEXITED(*status) ? WEXITSTATUS(*status) : 1);
  }
  int status = 0;
  ::waitpid(tester, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace sifguard
