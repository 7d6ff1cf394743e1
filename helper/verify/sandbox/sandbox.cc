// The last door closed behind `sifguard-verifier`.
#include "helper/verify/sandbox/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <array>
#include <memory>

namespace sifguard {
namespace {

struct FilterDeleter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterDeleter>;

/// Harmless whatever their arguments (sigaltstack: sanitizers, at the end; getpid: OpenSSL's random
/// numbers, with which it blinds the arithmetic of P-384 and P-521).
constexpr std::array kPlain = {
    SCMP_SYS(brk),        SCMP_SYS(munmap),      SCMP_SYS(madvise),       SCMP_SYS(futex),
    SCMP_SYS(exit),       SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn),  SCMP_SYS(getrandom),
    SCMP_SYS(getpid),     SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall),
    SCMP_SYS(sigaltstack)};

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

int add_rules(scmp_filter_ctx filter) {
  int failed = 0;
  for (const int call : kPlain) failed |= allow(filter, call);
  failed |= allow(filter, SCMP_SYS(read), is(0, kInputFd));
  failed |= allow(filter, SCMP_SYS(pread64), is(0, kInputFd));
  failed |= allow(filter, SCMP_SYS(write), is(0, kOutputFd));
  failed |= allow(filter, SCMP_SYS(fstat), is(0, kInputFd));
  // glibc's fstat() is newfstatat() with an empty path.
  failed |= allow(filter, SCMP_SYS(newfstatat), is(0, kInputFd), is(3, AT_EMPTY_PATH));
  // Memory, never executable.
  failed |=
      allow(filter, SCMP_SYS(mmap), has(2, PROT_EXEC, 0), has(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  failed |= allow(filter, SCMP_SYS(mprotect), has(2, PROT_EXEC, 0));
  failed |= allow(filter, SCMP_SYS(mremap));
  return failed;
}

}  // namespace

Status enter_sandbox() {
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

}  // namespace sifguard
