// What is forbidden to programs that start others': tried in children.
#include "helper/process/forbidden_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
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

namespace sifguard {
namespace {

/// Exit status of a child that forbids and then does `deed`.
int after(Status (*forbid)(), const std::function<bool()>& deed) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!forbid()) ::_exit(99);
    ::_exit(deed() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
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

TEST(ForbiddenCalls, keep_root_from_the_kernel_and_from_other_processes) {
  EXPECT_EQ(after(forbid_dangerous_calls, keeps_from_the_kernel), ::geteuid() == 0 ? 0 : 99);
}

TEST(ForbiddenCalls, keep_root_from_tracing) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: LeakSanitizer traces";
#endif
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  EXPECT_EQ(after(forbid_dangerous_calls, keeps_from_tracing), 0);
}

TEST(ForbiddenCalls, leave_root_its_work) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  EXPECT_EQ(after(forbid_dangerous_calls,
                  [] {
                    return ::unshare(CLONE_NEWNS) == 0 && ::kill(::getppid(), 0) == 0 &&
                           ::socket(AF_INET, SOCK_STREAM, 0) >= 0 && starts_programs();
                  }),
            0);
}

TEST(ForbiddenCalls, bind_the_children_too) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] {
                    const pid_t child = ::fork();
                    if (child == 0) ::_exit(refused(::socket(AF_INET, SOCK_STREAM, 0)) ? 0 : 1);
                    int status = -1;
                    return ::waitpid(child, &status, 0) == child && status == 0;
                  }),
            0);
}

TEST(ForbiddenCalls, do_for_a_sandbox_what_namespaces_would) {
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

TEST(ForbiddenCalls, leave_a_sandbox_programs_files_and_its_own_limits) {
  EXPECT_EQ(after(forbid_reaching_out,
                  [] {
                    const struct rlimit none = {0, 0};
                    return ::setrlimit(RLIMIT_CORE, &none) == 0 && starts_programs() &&
                           ::open("/dev/null", O_RDWR) >= 0;
                  }),
            0);
}

TEST(ForbiddenCalls, that_the_node_cannot_forbid_are_an_error) {
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
