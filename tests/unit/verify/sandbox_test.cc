// The verifier's system call filter: what it lets through and what ends the process.
#include "helper/verify/sandbox/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>

#include "helper/verify/sandbox/workers.h"
#include "keystore/base/fd.h"
#include "tests/unit/base/behind_filter.h"

namespace sifguard {
namespace {

/// Wait status of a child that does `deed` in the sandbox, with /dev/zero as 3 and a pipe as 4.
int in_sandbox(const std::function<bool()>& deed) {
  const auto enter = [] {
    const int zero = ::open("/dev/zero", O_RDWR);
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(zero, 33);
    ::dup2(null, 34);
    ::dup2(33, kInputFd);
    ::dup2(34, kOutputFd);
    return enter_sandbox().has_value();
  };
  return test::behind_filter(enter, deed);
}

bool killed(const std::function<bool()>& deed) {
  return test::is_killed_by_filter(in_sandbox(deed));
}

TEST(Sandbox, AllowsWhatTheVerifierDoes) {
  EXPECT_EQ(in_sandbox([] {
              char byte = 1;
              struct stat st {};
              void* const memory = ::mmap(nullptr, 1 << 22, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return ::pread(kInputFd, &byte, 1, 0) == 1 && byte == 0 &&
                     ::write(kOutputFd, "x", 1) == 1 && ::fstat(kInputFd, &st) == 0 &&
                     memory != MAP_FAILED && ::munmap(memory, 1 << 22) == 0;
            }),
            0);
}

TEST(Sandbox, KillsForEverythingElse) {
  EXPECT_TRUE(killed([] { return ::open("/etc/passwd", O_RDONLY) >= 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_openat2, 0, 0, 0, 0) >= 0; }));
  EXPECT_TRUE(killed([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }));
  EXPECT_TRUE(killed([] { return ::execl("/bin/true", "true", nullptr) == 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_fork) >= 0; }));
  EXPECT_TRUE(killed([] { return ::kill(::getppid(), 0) == 0; }));
  EXPECT_TRUE(killed([] { return ::dup(kOutputFd) >= 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_ptrace, 0, 0, 0, 0) == 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0; }));
}

TEST(Sandbox, BindsThreadsThatRunAlready) {
  const pid_t child = ::fork();
  if (child == 0) {
    Workers workers(3);
    if (!enter_sandbox()) ::_exit(99);
    std::atomic<unsigned> passed = 0;
    workers.run([&passed] { ++passed; });  // waiting and waking is all that is left to them
    if (passed != 3) ::_exit(98);
    const pthread_t self = ::pthread_self();
    workers.run([self] {
      if (::pthread_equal(::pthread_self(), self) == 0) ::open("/etc/passwd", O_RDONLY);
    });
    ::_exit(97);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
}

TEST(Sandbox, StartsNoThreads) {
  EXPECT_TRUE(killed([] { return Workers(2).count() == 2; }));
}

TEST(Sandbox, TiesReadingAndWritingToTheirDescriptors) {
  EXPECT_TRUE(killed([] { return ::write(kInputFd, "x", 1) == 1; }));
  EXPECT_TRUE(killed([] { return ::pwrite(kInputFd, "x", 1, 0) == 1; }));
  EXPECT_TRUE(killed([] { return ::write(1, "x", 1) == 1; }));
  EXPECT_TRUE(killed([] {
    char byte = 0;
    return ::pread(kOutputFd, &byte, 1, 0) == 1;
  }));
  EXPECT_TRUE(killed([] {
    struct stat st {};
    return ::stat("/etc/passwd", &st) == 0;
  }));
}

TEST(Sandbox, HasNoExecutableMemoryAndMapsNoFiles) {
  EXPECT_TRUE(killed([] {
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
  }));
  EXPECT_TRUE(killed(
      [] { return ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, kInputFd, 0) != MAP_FAILED; }));
  EXPECT_TRUE(killed([] {
    static char page[8192];
    return ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
  }));
}

}  // namespace
}  // namespace sifguard
