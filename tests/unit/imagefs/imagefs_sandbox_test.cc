// The file server's system call filter: what it lets through and what ends the process.
#include "helper/imagefs/imagefs_sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "helper/imagefs/wire/imagefs_wire.h"
#include "tests/unit/base/behind_filter.h"

namespace sifguard {
namespace {

using namespace imagefs_fd;

/// Wait status of a child that does `deed` in the sandbox, with a device of zeros as each of its
/// descriptors.
int in_sandbox(const std::function<bool()>& deed) {
  const auto enter = [] {
    const int zero = ::open("/dev/zero", O_RDWR);
    ::dup2(zero, 33);
    for (int fd = kFuse; fd <= kLog; ++fd) ::dup2(33, fd);
    return enter_imagefs_sandbox().has_value();
  };
  return test::behind_filter(enter, deed);
}

bool killed(const std::function<bool()>& deed) {
  return test::is_killed_by_filter(in_sandbox(deed));
}

bool reads(int fd) {
  char byte = 1;
  return ::read(fd, &byte, 1) == 1;
}

bool reads_at(int fd) {
  char byte = 1;
  return ::pread(fd, &byte, 1, 0) == 1;
}

bool writes(int fd) {
  return ::write(fd, "x", 1) == 1;
}

bool answers(int fd) {
  char byte = 1;
  const iovec part{&byte, 1};
  return ::writev(fd, &part, 1) == 1;
}

TEST(ImagefsSandbox, AllowsWhatTheServerDoes) {
  EXPECT_EQ(in_sandbox([] {
              struct stat st {};
              void* const memory = ::mmap(nullptr, 1 << 22, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              lock_memory();
              return reads(kFuse) && answers(kFuse) && reads_at(kSealed) && reads_at(kConf) &&
                     reads(kSecret) && writes(kAnswer) && writes(kLog) &&
                     ::fstat(kSealed, &st) == 0 && memory != MAP_FAILED &&
                     ::munmap(memory, 1 << 22) == 0 && ::close(kSecret) == 0;
            }),
            0);
}

TEST(ImagefsSandbox, KillsForEverythingElse) {
  EXPECT_TRUE(killed([] { return ::open("/etc/passwd", O_RDONLY) >= 0; }));
  EXPECT_TRUE(killed([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }));
  EXPECT_TRUE(killed([] { return ::execl("/bin/true", "true", nullptr) == 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_fork) >= 0; }));
  EXPECT_TRUE(killed([] { return ::kill(::getppid(), 0) == 0; }));
  EXPECT_TRUE(killed([] { return ::dup(kFuse) >= 0; }));
  EXPECT_TRUE(killed([] { return ::unshare(CLONE_NEWNS) == 0; }));
  EXPECT_TRUE(killed([] { return ::syscall(SYS_ptrace, 0, 0, 0, 0) == 0; }));
  EXPECT_TRUE(killed([] { return ::ioctl(kFuse, 0, 0) == 0; }));
  EXPECT_TRUE(killed([] { return ::mprotect(nullptr, 0, PROT_EXEC) == 0; }));
  EXPECT_TRUE(killed(
      [] { return ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, kSealed, 0) != MAP_FAILED; }));
}

TEST(ImagefsSandbox, TiesReadingAndWritingToTheirDescriptors) {
  for (const int fd : {kSealed, kConf, kAnswer, kLog, 0}) {
    EXPECT_TRUE(killed([fd] { return reads(fd); })) << fd;
  }
  for (const int fd : {kFuse, kSecret, kAnswer, kLog, 0}) {
    EXPECT_TRUE(killed([fd] { return reads_at(fd); })) << fd;
  }
  for (const int fd : {kFuse, kSealed, kConf, kSecret, 1, 2}) {
    EXPECT_TRUE(killed([fd] { return writes(fd); })) << fd;
  }
  for (const int fd : {kSealed, kConf, kSecret, kAnswer, kLog, 1, 2}) {
    EXPECT_TRUE(killed([fd] { return answers(fd); })) << fd;
  }
}

TEST(ImagefsSandbox, AClosedPipeKillsNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    int ends[2];
    if (::pipe(ends) != 0 || !leave_the_node()) ::_exit(99);
    ::close(ends[0]);
    ::_exit(::write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sifguard
