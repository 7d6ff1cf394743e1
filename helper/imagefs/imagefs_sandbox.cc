// The sandbox of `sifguard-imagefs`, beyond what start_child() takes away.
#include "helper/imagefs/imagefs_sandbox.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "helper/imagefs/wire/imagefs_wire.h"
#include "helper/process/call_filter.h"
#include "helper/process/landlock.h"
#include "keystore/base/secret.h"

namespace sifguard {
namespace {

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
                               SCMP_SYS(nanosleep),
                               SCMP_SYS(restart_syscall),
                               SCMP_SYS(rt_sigprocmask),
                               SCMP_SYS(sigaltstack),
                               SCMP_SYS(close)};

void add_rules(CallFilter& filter) {
  using namespace imagefs_fd;
  filter.allow(kPlain);
  for (const int fd : {kSealed, kConf}) {
    filter.allow(SCMP_SYS(pread64), CallFilter::is(0, static_cast<scmp_datum_t>(fd)));
    filter.allow_fstat(fd);
  }
  filter.allow(SCMP_SYS(read), CallFilter::is(0, kFuse));
  filter.allow(SCMP_SYS(writev), CallFilter::is(0, kFuse));
  filter.allow(SCMP_SYS(read), CallFilter::is(0, kSecret));
  filter.allow(SCMP_SYS(write), CallFilter::is(0, kAnswer));
  filter.allow(SCMP_SYS(write), CallFilter::is(0, kLog));
  for (const int poll : {SCMP_SYS(poll), SCMP_SYS(ppoll)}) filter.allow(poll, CallFilter::is(1, 1));
  filter.allow_memory();
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

Status leave_users() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWUTS) != 0 || drop_capabilities()) return {};
  return fail_errno(Code::internal, "cannot give up capabilities", errno);
}

Status enter_imagefs_sandbox() {
  SG_TRY([[maybe_unused]] const int landlock, give_up_files_and_network());
  CallFilter filter;
  add_rules(filter);
  return filter.enter();
}

void lock_memory() {
  ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

}  // namespace sifguard
