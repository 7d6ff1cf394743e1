// The walls of `sifguard-imagefs`, on top of what start_child() took away.
#include "helper/imagefs/imagefs_sandbox.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "helper/imagefs/wire/imagefs_wire.h"
#include "helper/process/landlock.h"
#include "keystore/base/secret.h"

namespace sifguard {
namespace {

struct FilterDeleter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

/// Harmless whatever their arguments (sigaltstack: sanitizers; getpid: OpenSSL's random numbers).
constexpr std::array kPlain = {SCMP_SYS(brk),
                               SCMP_SYS(munmap),
                               SCMP_SYS(madvise),
                               SCMP_SYS(mlock),
                               SCMP_SYS(mlockall),
                               SCMP_SYS(futex),
                               SCMP_SYS(exit),
                               SCMP_SYS(exit_group),
                               SCMP_SYS(rt_sigreturn),
                               SCMP_SYS(getrandom),
                               SCMP_SYS(getpid),
                               SCMP_SYS(sched_yield),
                               SCMP_SYS(clock_gettime),
                               SCMP_SYS(clock_nanosleep),
                               SCMP_SYS(restart_syscall),
                               SCMP_SYS(rt_sigprocmask),
                               SCMP_SYS(sigaltstack),
                               SCMP_SYS(close)};

int allow(scmp_filter_ctx filter, int call) {
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

template <typename... Args>
int allow(scmp_filter_ctx filter, int call, Args... args) {
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, sizeof...(args), args...);
}

/// The argument at `position` is `value`; libseccomp's own macros for this are C only.
constexpr scmp_arg_cmp is(unsigned position, scmp_datum_t value) {
  return {position, SCMP_CMP_EQ, value, 0};
}

/// Of the bits in `mask`, exactly those in `value` are set.
constexpr scmp_arg_cmp has(unsigned position, scmp_datum_t mask, scmp_datum_t value) {
  return {position, SCMP_CMP_MASKED_EQ, mask, value};
}

int allow_reading(scmp_filter_ctx filter, int fd) {
  const auto number = static_cast<scmp_datum_t>(fd);
  // glibc's fstat() is newfstatat() with an empty path.
  return allow(filter, SCMP_SYS(pread64), is(0, number)) |
         allow(filter, SCMP_SYS(fstat), is(0, number)) |
         allow(filter, SCMP_SYS(newfstatat), is(0, number), is(3, AT_EMPTY_PATH));
}

int add_rules(scmp_filter_ctx filter) {
  using namespace imagefs_fd;
  int failed = 0;
  for (const int call : kPlain) failed |= allow(filter, call);
  failed |= allow_reading(filter, kSealed) | allow_reading(filter, kConf);
  failed |= allow(filter, SCMP_SYS(read), is(0, kFuse));
  failed |= allow(filter, SCMP_SYS(writev), is(0, kFuse));
  failed |= allow(filter, SCMP_SYS(read), is(0, kSecret));
  failed |= allow(filter, SCMP_SYS(write), is(0, kAnswer));
  failed |= allow(filter, SCMP_SYS(write), is(0, kLog));
  // Memory, never executable.
  failed |=
      allow(filter, SCMP_SYS(mmap), has(2, PROT_EXEC, 0), has(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  failed |= allow(filter, SCMP_SYS(mprotect), has(2, PROT_EXEC, 0));
  failed |= allow(filter, SCMP_SYS(mremap));
  return failed;
}

/// All those that came with the user namespace.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

/// An empty file system for a root: a copy of the node's mounts would keep what is unmounted there
/// busy, for as long as the job runs. Whether it is done changes nothing else.
void leave_mounts() {
  if (::mount("none", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") !=
          0 ||
      ::chdir("/proc") != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0) {
    return;
  }
  ::umount2(".", MNT_DETACH);
}

}  // namespace

Status leave_the_node() {
  SG_CHECK(harden_process());
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return fail(Code::internal, "cannot ignore SIGPIPE");
  // Where the node gives none, the filter forbids all that they would keep away.
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS) != 0) return {};
  leave_mounts();
  if (!drop_capabilities()) {
    return fail_errno(Code::internal, "cannot give up capabilities", errno);
  }
  return {};
}

Status enter_imagefs_sandbox() {
  SG_TRY([[maybe_unused]] const int landlock, give_up_files_and_network());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(Code::internal, "cannot give up new privileges");
  }
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter || seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
      add_rules(filter.get()) != 0 || seccomp_load(filter.get()) != 0) {
    return fail(
        Code::config, "the node gives no filter of system calls",
        "a kernel with CONFIG_SECCOMP_FILTER is needed, and a container that lets it be used");
  }
  return {};
}

void lock_memory() {
  ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

}  // namespace sifguard
