// What a forked child does between fork and exec. Starts with our privilege, ends with less.
#include "keystore/base/child_setup.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sifguard {
namespace {

constexpr int kErrorFd = 40;  // above every target, below the temporary copies
constexpr int kFirstTemporary = 64;
constexpr int kMostPassed = 16;

[[noreturn]] void give_up(int error_fd, SetupStep step) noexcept {
  const SetupFailure failure{step, errno};
  const ssize_t ignored = ::write(error_fd, &failure, sizeof failure);
  (void)ignored;  // the parent sees the end of the pipe and the status in any case
  ::_exit(127);
}

/// Enters a new namespace of the sort that `flag` says; false when that fails and must not.
bool enter(int flag, Namespace wanted) noexcept {
  if (wanted == Namespace::ours || ::unshare(flag) == 0) return true;
  return wanted == Namespace::if_given && is_namespace_refusal(errno);
}

/// Puts the file systems out of reach, as far as the node lets it.
void shut_mounts(const PreparedChild& prepared, int error_fd) noexcept {
  const Isolation& isolation = prepared.spec->isolation;
  if (isolation.mounts == Namespace::ours) return;
  if (::unshare(CLONE_NEWNS) != 0) {
    const bool goes_without =
        isolation.mounts == Namespace::if_given && is_namespace_refusal(errno);
    if (!goes_without) give_up(error_fd, SetupStep::mounts);
    return;
  }
  if (!make_read_only({prepared.mount_points, prepared.mount_count}) ||
      !mount_own_proc(::getpid() == 1) ||
      (!isolation.scratch.empty() && !cover_with_memory(isolation.scratch.c_str()))) {
    give_up(error_fd, SetupStep::restriction);
  }
}

/// As root, which needs no umask to keep others out until it is the identity's.
bool make_home(const ChildSpec& spec) noexcept {
  if (spec.isolation.home.empty()) return true;
  const char* const home = spec.isolation.home.c_str();
  return ::mkdir(home, 0700) == 0 &&
         (!spec.identity || ::lchown(home, spec.identity->uid, spec.identity->gid) == 0);
}

bool limit(__rlimit_resource_t resource, std::uint64_t value) noexcept {
  const struct rlimit bound = {value, value};
  return ::setrlimit(resource, &bound) == 0;
}

/// Who may not raise it (in a container) has what the node gives.
bool lift_memory_lock() noexcept {
  struct rlimit bound {};
  if (limit(RLIMIT_MEMLOCK, RLIM_INFINITY)) return true;
  return ::getrlimit(RLIMIT_MEMLOCK, &bound) == 0 && limit(RLIMIT_MEMLOCK, bound.rlim_max);
}

bool apply_limits(const ChildSpec& spec) noexcept {
  const Isolation& isolation = spec.isolation;
  return (spec.in_foreground || limit(RLIMIT_CORE, 0)) &&
         (isolation.memory_bytes == 0 || limit(RLIMIT_AS, isolation.memory_bytes)) &&
         (isolation.file_bytes == 0 || limit(RLIMIT_FSIZE, isolation.file_bytes)) &&
         (isolation.processes_at_most == 0 || limit(RLIMIT_NPROC, isolation.processes_at_most)) &&
         (!isolation.locks_memory || lift_memory_lock());
}

bool is_target(const ChildSpec& spec, int fd) noexcept {
  for (const auto& passed : spec.fds) {
    if (passed.to == fd) return true;
  }
  return false;
}

/// Leaves exactly 0, 1, 2, the passed descriptors and the error pipe open.
bool arrange_descriptors(const ChildSpec& spec, int error_fd) noexcept {
  if (spec.fds.size() > kMostPassed) {
    errno = EINVAL;
    return false;
  }
  int temporary[kMostPassed];
  std::size_t count = 0;
  for (const auto& passed : spec.fds) {
    temporary[count] = ::fcntl(passed.from, F_DUPFD_CLOEXEC, kFirstTemporary);
    if (temporary[count++] < 0) return false;
  }
  const int error_copy = ::fcntl(error_fd, F_DUPFD_CLOEXEC, kFirstTemporary);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (error_copy < 0 || null < 0) return false;
  for (int fd = 0; fd <= 2; ++fd) {
    if (!spec.in_foreground && ::dup2(null, fd) < 0) return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (spec.fds[i].to >= kErrorFd || ::dup2(temporary[i], spec.fds[i].to) < 0) return false;
  }
  if (::dup3(error_copy, kErrorFd, O_CLOEXEC) < 0) return false;
  for (int fd = 3; fd < kErrorFd; ++fd) {
    if (!is_target(spec, fd)) ::close(fd);
  }
  ::closefrom(kErrorFd +
              1);  // by /proc where the kernel has no close_range(); ends us if it cannot
  return true;
}

/// Groups, then gid, then uid, and proof that there is no way back. The system calls themselves:
/// the C library's functions would wait for the parent's other threads, which are not here.
bool assume(const Identity& identity) noexcept {
  const uid_t uid = identity.uid;
  const gid_t gid = identity.gid;
  if (::syscall(SYS_setgroups, identity.groups.size(), identity.groups.data()) != 0 ||
      ::syscall(SYS_setresgid, gid, gid, gid) != 0 ||
      ::syscall(SYS_setresuid, uid, uid, uid) != 0) {
    return false;
  }
  constexpr uid_t kSame = ~uid_t{0};
  if (uid != 0 &&
      (::syscall(SYS_setuid, 0) == 0 || ::syscall(SYS_setresuid, kSame, 0, kSame) == 0)) {
    errno = EPERM;
    return false;
  }
  return true;
}

void reset_signals(bool keep_ignored) noexcept {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    const bool ignored = ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored || !keep_ignored) ::signal(number, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool leave_session() noexcept {
  ::umask(077);
  return ::setsid() >= 0 && ::chdir("/") == 0;
}

/// After the change of identity, which clears the death signal.
void end_with_parent(const ChildSpec& spec, int error_fd) noexcept {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      (!spec.outlives_us && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)) {
    give_up(error_fd, SetupStep::privileges);
  }
  // Who died before that was not seen to: the other end of the error pipe is then closed.
  struct pollfd parent = {error_fd, 0, 0};
  if (::poll(&parent, 1, 0) != 0) ::_exit(127);
}

}  // namespace

bool is_namespace_refusal(int error) noexcept {
  return error == ENOSPC || error == EUSERS || error == EPERM || error == EINVAL || error == ENOSYS;
}

void become_child(const PreparedChild& prepared) noexcept {
  const ChildSpec& spec = *prepared.spec;
  const Isolation& isolation = spec.isolation;
  int error_fd = prepared.error_fd;
  reset_signals(spec.in_foreground);
  if (!spec.in_foreground && !leave_session()) give_up(error_fd, SetupStep::session);
  // Each by itself, so that one that is refused takes none of the others along. The PID namespace
  // came with the fork.
  if (!enter(CLONE_NEWNET, isolation.network)) give_up(error_fd, SetupStep::network);
  if (!enter(CLONE_NEWIPC, isolation.processes)) give_up(error_fd, SetupStep::processes);
  if (!arrange_descriptors(spec, error_fd)) give_up(error_fd, SetupStep::descriptors);
  error_fd = kErrorFd;
  shut_mounts(prepared, error_fd);
  if (!make_home(spec)) give_up(error_fd, SetupStep::home);
  if (!apply_limits(spec)) give_up(error_fd, SetupStep::limits);
  if (spec.identity && !assume(*spec.identity)) give_up(error_fd, SetupStep::identity);
  if (!spec.in_foreground) end_with_parent(spec, error_fd);
  ::execve(spec.program.c_str(), prepared.argv, prepared.environment);
  give_up(error_fd, SetupStep::exec);
}

}  // namespace sifguard
