// What a forked child does between fork and exec. Starts with our privilege, ends with less.
#include "helper/process/child_setup.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
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

bool restrict_mounts(const ChildSpec& spec) noexcept {
  if (::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (!spec.isolation.read_only_root) return true;
  struct mount_attr attributes {};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  return ::mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) == 0;
}

bool mount_private_tmpfs(const PreparedChild& prepared) noexcept {
  const char* const where = prepared.spec->isolation.private_tmpfs.c_str();
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return ::mount("tmpfs", where, "tmpfs", kFlags, prepared.tmpfs_options) == 0 ||
         ::mount("tmpfs", where, "tmpfs", kFlags, prepared.tmpfs_fallback) == 0;
}

bool limit(__rlimit_resource_t resource, std::uint64_t value) noexcept {
  const struct rlimit bound = {value, value};
  return ::setrlimit(resource, &bound) == 0;
}

bool apply_limits(const Isolation& isolation) noexcept {
  return limit(RLIMIT_CORE, 0) &&
         (isolation.memory_bytes == 0 || limit(RLIMIT_AS, isolation.memory_bytes)) &&
         (isolation.file_bytes == 0 || limit(RLIMIT_FSIZE, isolation.file_bytes)) &&
         (isolation.processes == 0 || limit(RLIMIT_NPROC, isolation.processes));
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
    if (::dup2(null, fd) < 0) return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (spec.fds[i].to >= kErrorFd || ::dup2(temporary[i], spec.fds[i].to) < 0) return false;
  }
  if (::dup3(error_copy, kErrorFd, O_CLOEXEC) < 0) return false;
  for (int fd = 3; fd < kErrorFd; ++fd) {
    if (!is_target(spec, fd)) ::close(fd);
  }
  return ::syscall(SYS_close_range, kErrorFd + 1, ~0U, 0) == 0;
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

void reset_signals() noexcept {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

void become_child(const PreparedChild& prepared) noexcept {
  const ChildSpec& spec = *prepared.spec;
  const Isolation& isolation = spec.isolation;
  int error_fd = prepared.error_fd;
  reset_signals();
  ::umask(077);
  if (::setsid() < 0 || ::chdir("/") != 0) give_up(error_fd, SetupStep::session);
  if (isolation.read_only_root || !isolation.private_tmpfs.empty()) {
    if (!restrict_mounts(spec)) give_up(error_fd, SetupStep::mounts);
  }
  if (!isolation.private_tmpfs.empty() && !mount_private_tmpfs(prepared)) {
    give_up(error_fd, SetupStep::tmpfs);
  }
  if (!arrange_descriptors(spec, error_fd)) give_up(error_fd, SetupStep::descriptors);
  error_fd = kErrorFd;
  if (!apply_limits(isolation)) give_up(error_fd, SetupStep::limits);
  if (spec.identity && !assume(*spec.identity)) give_up(error_fd, SetupStep::identity);
  // After the change of identity, which clears the death signal.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
    give_up(error_fd, SetupStep::privileges);
  }
  // Who died before that was not seen to: the other end of the error pipe is then closed.
  struct pollfd parent = {error_fd, 0, 0};
  if (::poll(&parent, 1, 0) != 0) ::_exit(127);
  ::execve(spec.program.c_str(), prepared.argv, prepared.environment);
  give_up(error_fd, SetupStep::exec);
}

}  // namespace sifguard
