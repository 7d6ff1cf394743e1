// System calls that a process, and whatever it starts, may not make any more. Any privilege.
#include "helper/process/forbidden_calls.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>

#include "helper/process/call_filter.h"

namespace sifguard {
namespace {

struct FilterDeleter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

/// Into the kernel, its clock, its devices, other processes' memory, the users' keyrings.
constexpr std::array kDangerous = {SCMP_SYS(kexec_load),
                                   SCMP_SYS(kexec_file_load),
                                   SCMP_SYS(init_module),
                                   SCMP_SYS(finit_module),
                                   SCMP_SYS(delete_module),
                                   SCMP_SYS(bpf),
                                   SCMP_SYS(perf_event_open),
                                   SCMP_SYS(userfaultfd),
                                   SCMP_SYS(io_uring_setup),
                                   SCMP_SYS(io_uring_enter),
                                   SCMP_SYS(io_uring_register),
                                   SCMP_SYS(process_vm_readv),
                                   SCMP_SYS(process_vm_writev),
                                   SCMP_SYS(pidfd_getfd),
                                   SCMP_SYS(kcmp),
                                   SCMP_SYS(keyctl),
                                   SCMP_SYS(add_key),
                                   SCMP_SYS(request_key),
                                   SCMP_SYS(open_by_handle_at),
                                   SCMP_SYS(fanotify_init),
                                   SCMP_SYS(lookup_dcookie),
                                   SCMP_SYS(iopl),
                                   SCMP_SYS(ioperm),
                                   SCMP_SYS(modify_ldt),
                                   SCMP_SYS(swapon),
                                   SCMP_SYS(swapoff),
                                   SCMP_SYS(reboot),
                                   SCMP_SYS(acct),
                                   SCMP_SYS(quotactl),
                                   SCMP_SYS(settimeofday),
                                   SCMP_SYS(clock_settime),
                                   SCMP_SYS(clock_adjtime),
                                   SCMP_SYS(adjtimex),
                                   SCMP_SYS(sethostname),
                                   SCMP_SYS(setdomainname),
                                   SCMP_SYS(syslog),
                                   SCMP_SYS(vhangup),
                                   SCMP_SYS(move_pages),
                                   SCMP_SYS(migrate_pages),
                                   SCMP_SYS(mbind)};

/// LeakSanitizer stops a process by it when that ends.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kForbidTracing = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kForbidTracing = false;
#else
constexpr bool kForbidTracing = true;
#endif
#else
constexpr bool kForbidTracing = true;
#endif

/// What a network, PID, IPC or mount namespace would take away.
constexpr std::array kOutside = {SCMP_SYS(ptrace),
                                 SCMP_SYS(socket),
                                 SCMP_SYS(connect),
                                 SCMP_SYS(bind),
                                 SCMP_SYS(listen),
                                 SCMP_SYS(kill),
                                 SCMP_SYS(tkill),
                                 SCMP_SYS(tgkill),
                                 SCMP_SYS(rt_sigqueueinfo),
                                 SCMP_SYS(rt_tgsigqueueinfo),
                                 SCMP_SYS(pidfd_open),
                                 SCMP_SYS(pidfd_send_signal),
                                 SCMP_SYS(setsid),
                                 SCMP_SYS(setpgid),
                                 SCMP_SYS(setpriority),
                                 SCMP_SYS(sched_setscheduler),
                                 SCMP_SYS(sched_setparam),
                                 SCMP_SYS(sched_setattr),
                                 SCMP_SYS(sched_setaffinity),
                                 SCMP_SYS(ioprio_set),
                                 SCMP_SYS(shmget),
                                 SCMP_SYS(shmat),
                                 SCMP_SYS(shmctl),
                                 SCMP_SYS(semget),
                                 SCMP_SYS(semop),
                                 SCMP_SYS(semctl),
                                 SCMP_SYS(semtimedop),
                                 SCMP_SYS(msgget),
                                 SCMP_SYS(msgsnd),
                                 SCMP_SYS(msgrcv),
                                 SCMP_SYS(msgctl),
                                 SCMP_SYS(mq_open),
                                 SCMP_SYS(mq_unlink),
                                 SCMP_SYS(unshare),
                                 SCMP_SYS(setns),
                                 SCMP_SYS(mount),
                                 SCMP_SYS(umount2),
                                 SCMP_SYS(pivot_root),
                                 SCMP_SYS(chroot),
                                 SCMP_SYS(fsopen),
                                 SCMP_SYS(fspick),
                                 SCMP_SYS(open_tree),
                                 SCMP_SYS(move_mount),
                                 SCMP_SYS(name_to_handle_at),
                                 SCMP_SYS(personality)};

/// The kernel signals for who has a file, or his terminal: whomever the file names as its owner.
struct Request {
  int call;
  unsigned long what;
};
constexpr std::array kSignalling = {
    Request{SCMP_SYS(fcntl), F_SETOWN},   Request{SCMP_SYS(fcntl), F_SETOWN_EX},
    Request{SCMP_SYS(fcntl), F_SETSIG},   Request{SCMP_SYS(fcntl), F_NOTIFY},
    Request{SCMP_SYS(fcntl), F_SETLEASE}, Request{SCMP_SYS(ioctl), FIOSETOWN},
    Request{SCMP_SYS(ioctl), SIOCSPGRP},  Request{SCMP_SYS(ioctl), FIOASYNC},
    Request{SCMP_SYS(ioctl), TIOCSPGRP},  Request{SCMP_SYS(ioctl), TIOCSCTTY},
    Request{SCMP_SYS(ioctl), TIOCNOTTY},  Request{SCMP_SYS(ioctl), TIOCSTI},
    Request{SCMP_SYS(ioctl), TIOCSIG},    Request{SCMP_SYS(ioctl), TIOCVHANGUP}};

/// Namespaces of its own, and children that are their grandparent's.
constexpr std::array kCloneFlags = {CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,    CLONE_NEWUSER,
                                    CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_PARENT};

int refuse(scmp_filter_ctx filter, std::span<const int> calls) {
  int failed = 0;
  for (const int call : calls) {
    failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
  }
  return failed;
}

/// Of other processes; its own limits gpg lowers.
int refuse_limits_of_others(scmp_filter_ctx filter) {
  const scmp_arg_cmp other = {0, SCMP_CMP_NE, 0, 0};
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, other);
}

/// The kernel looks at the lower half of the argument alone.
int refuse_signalling(scmp_filter_ctx filter) {
  constexpr scmp_datum_t kLooked = 0xffffffff;
  int failed = 0;
  for (const Request& request : kSignalling) {
    const scmp_arg_cmp is = {1, SCMP_CMP_MASKED_EQ, kLooked, request.what};
    failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), request.call, 1, is);
  }
  return failed;
}

/// clone3() hides its flags in memory; the C library then takes clone().
int refuse_clone_flags(scmp_filter_ctx filter) {
  int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  for (const int flag : kCloneFlags) {
    const auto bit = static_cast<scmp_datum_t>(static_cast<unsigned>(flag));
    const scmp_arg_cmp has = {0, SCMP_CMP_MASKED_EQ, bit, bit};
    failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, has);
  }
  return failed;
}

/// One that needs it says itself that it gains no privileges by exec.
Filter new_filter() {
  Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter && (seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0) != 0 ||
                 seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0)) {
    filter.reset();
  }
  // Faster with so many rules; an older library does without.
  if (filter) seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  return filter;
}

}  // namespace

Status forbid_dangerous_calls() {
  const Filter filter = new_filter();
  constexpr std::array kTracing = {SCMP_SYS(ptrace)};
  const bool done = filter && refuse(filter.get(), kDangerous) == 0 &&
                    (!kForbidTracing || refuse(filter.get(), kTracing) == 0) &&
                    seccomp_load(filter.get()) == 0;
  if (!done) return fail_without_filter();
  return {};
}

Status forbid_reaching_out() {
  const Filter filter = new_filter();
  const bool done = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter &&
                    refuse(filter.get(), kDangerous) == 0 && refuse(filter.get(), kOutside) == 0 &&
                    refuse_limits_of_others(filter.get()) == 0 &&
                    refuse_signalling(filter.get()) == 0 && refuse_clone_flags(filter.get()) == 0 &&
                    seccomp_load(filter.get()) == 0;
  if (!done) return fail_without_filter();
  return {};
}

}  // namespace sifguard
