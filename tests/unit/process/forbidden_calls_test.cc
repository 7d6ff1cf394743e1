// What is forbidden to programs that start others': tried in children.
#include "helper/process/forbidden_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <vector>

#include "tests/kernel/refusals.h"
#include "tests/unit/base/behind_filter.h"

namespace sifguard {
namespace {

/// Exit status of a child that forbids and then does `deed`.
int after(Status (*forbid)(), const std::function<bool()>& deed) {
  return test::status_behind_filter([&] { return forbid().has_value(); }, deed);
}

bool refused(long result, int error = EPERM) {
  return result < 0 && errno == error;
}

bool keeps_from_the_kernel() {
  return refused(::syscall(SYS_init_module, nullptr, 0, "")) &&
         refused(::syscall(SYS_bpf, BPF_PROG_LOAD, nullptr, 0)) &&
         refused(::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0)) &&
         refused(::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0)) &&
         refused(::syscall(SYS_keyctl, 0, -3, 0)) &&
         refused(::syscall(SYS_reboot, 0, 0, 0, nullptr)) &&
         refused(::syscall(SYS_io_uring_setup, 1, nullptr)) &&
         refused(::syscall(SYS_kexec_load, 0, 0, nullptr, 0)) &&
         refused(::syscall(SYS_userfaultfd, 0)) && refused(::syscall(SYS_swapon, "/dev/null", 0)) &&
         refused(::syscall(SYS_clock_settime, 0, nullptr));
}

bool keeps_from_tracing() {
  return refused(::syscall(SYS_ptrace, 16, 0, 0, 0));
}

bool starts_programs() {
  const pid_t child = ::fork();
  if (child == 0) ::execl("/bin/sh", "sh", "-c", "ls / | cat >/dev/null", nullptr);
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(ForbiddenCalls, KeepRootFromTheKernelAndFromOtherProcesses) {
  EXPECT_EQ(after(forbid_dangerous_calls, keeps_from_the_kernel), ::geteuid() == 0 ? 0 : 99);
}

TEST(ForbiddenCalls, KeepRootFromTracing) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: LeakSanitizer traces";
#endif
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  EXPECT_EQ(after(forbid_dangerous_calls, keeps_from_tracing), 0);
}

TEST(ForbiddenCalls, LeaveRootItsWork) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  EXPECT_EQ(after(forbid_dangerous_calls,
                  [] {
                    return ::unshare(CLONE_NEWNS) == 0 && ::kill(::getppid(), 0) == 0 &&
                           ::socket(AF_INET, SOCK_STREAM, 0) >= 0 && starts_programs();
                  }),
            0);
}

TEST(ForbiddenCalls, BindTheChildrenToo) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] {
                    const pid_t child = ::fork();
                    if (child == 0) ::_exit(refused(::socket(AF_INET, SOCK_STREAM, 0)) ? 0 : 1);
                    int status = -1;
                    return ::waitpid(child, &status, 0) == child && status == 0;
                  }),
            0);
}

TEST(ForbiddenCalls, DoForASandboxWhatNamespacesWould) {
  const std::vector<std::function<bool()>> deeds = {
      keeps_from_the_kernel,
      keeps_from_tracing,
      [] { return refused(::socket(AF_INET, SOCK_STREAM, 0)); },
      [] { return refused(::socket(AF_UNIX, SOCK_STREAM, 0)); },
      [] { return refused(::socket(AF_NETLINK, SOCK_RAW, 0)); },
      [] { return refused(::kill(::getppid(), 0)); },
      [] { return refused(::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0)); },
      [] { return refused(::syscall(SYS_pidfd_open, ::getppid(), 0)); },
      [] { return refused(::setsid()) && refused(::setpgid(0, 0)); },
      [] { return refused(::shmget(IPC_PRIVATE, 4096, 0600)); },
      [] { return refused(::unshare(CLONE_NEWUSER)); },
      [] { return refused(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); },
      [] { return refused(::syscall(SYS_clone3, nullptr, 0), ENOSYS); },
      [] {
        struct rlimit none {};
        return refused(::prlimit(::getppid(), RLIMIT_NOFILE, nullptr, &none));
      }};
  for (std::size_t i = 0; i < deeds.size(); ++i)
    EXPECT_EQ(after(forbid_reaching_out, deeds[i]), 0) << i;
}

/// One end of a pair of sockets, which the filter leaves; both signal their owner.
int signalling_fd() {
  int ends[2];
  return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? ends[0] : -1;
}

/// Each of these, with what is above the half that the kernel looks at, too.
TEST(ForbiddenCalls, DoNotLetAFileSignalOthersForASandbox) {
  constexpr unsigned long kAbove = 0x5'0000'0000;
  for (const unsigned long above : {0UL, kAbove}) {
    for (const int what : {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY, F_SETLEASE}) {
      EXPECT_EQ(after(forbid_reaching_out,
                      [&] {
                        struct f_owner_ex parent = {F_OWNER_PID, ::getppid()};
                        const auto argument = what == F_SETOWN_EX ? reinterpret_cast<long>(&parent)
                                                                  : static_cast<long>(::getppid());
                        return refused(::syscall(SYS_fcntl, signalling_fd(),
                                                 above + static_cast<unsigned>(what), argument));
                      }),
                0)
          << what;
    }
    for (const int request : {FIOSETOWN, SIOCSPGRP, FIOASYNC, TIOCSPGRP, TIOCSTI}) {
      const auto what = static_cast<unsigned>(request);
      EXPECT_EQ(
          after(forbid_reaching_out,
                [&] {
                  const int parent = ::getppid();
                  return refused(::syscall(SYS_ioctl, signalling_fd(), above + what, &parent));
                }),
          0)
          << what;
    }
  }
}

/// What would happen otherwise: this test can fail.
TEST(ForbiddenCalls, AreNeededAgainstAFilesOwner) {
  EXPECT_EQ(after([]() -> Status { return {}; },
                  [] {
                    const int parent = ::getppid();
                    const int fd = signalling_fd();
                    return ::fcntl(fd, F_SETOWN, parent) == 0 && ::fcntl(fd, F_SETSIG, 0) == 0 &&
                           ::fcntl(fd, F_GETOWN) == parent;
                  }),
            0);
}

TEST(ForbiddenCalls, LeaveASandboxTheRestOfFcntlAndIoctl) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] {
                    const int fd = signalling_fd();
                    int waiting = -1;
                    return ::fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
                           ::fcntl(fd, F_DUPFD_CLOEXEC, 10) >= 10 &&
                           ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
                           ::ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 0;
                  }),
            0);
}

TEST(ForbiddenCalls, KeepASandboxFromGivingItsChildrenAway) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] { return refused(::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)); }),
            0);
}

TEST(ForbiddenCalls, LeaveASandboxProgramsFilesAndItsOwnLimits) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] {
                    const struct rlimit none = {0, 0};
                    return ::setrlimit(RLIMIT_CORE, &none) == 0 && starts_programs() &&
                           ::open("/dev/null", O_RDWR) >= 0;
                  }),
            0);
}

TEST(ForbiddenCalls, ThatTheNodeCannotForbidAreAnError) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::vector<std::string> refusals = {"seccomp"};
    test::refuse_from_now_on(refusals);
    const auto root = forbid_dangerous_calls();
    const auto sandbox = forbid_reaching_out();
    const bool told = !root && !sandbox && root.error().code() == Code::config &&
                      sandbox.error().code() == Code::config;
    ::_exit(told ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sifguard
