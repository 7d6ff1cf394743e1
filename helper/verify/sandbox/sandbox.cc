// The last door closed behind `sifguard-verifier`.
#include "helper/verify/sandbox/sandbox.h"

#include <array>

#include "helper/process/call_filter.h"

namespace sifguard {
namespace {

/// Harmless whatever their arguments (sigaltstack: sanitizers, at the end; getpid: OpenSSL's random
/// numbers, with which it blinds the arithmetic of P-384 and P-521).
constexpr std::array kPlain = {
    SCMP_SYS(brk),        SCMP_SYS(munmap),      SCMP_SYS(madvise),       SCMP_SYS(futex),
    SCMP_SYS(exit),       SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn),  SCMP_SYS(getrandom),
    SCMP_SYS(getpid),     SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall),
    SCMP_SYS(sigaltstack)};

}  // namespace

Status enter_sandbox() {
  CallFilter filter;
  filter.allow(kPlain);
  filter.allow(SCMP_SYS(read), CallFilter::is(0, kInputFd));
  filter.allow(SCMP_SYS(pread64), CallFilter::is(0, kInputFd));
  filter.allow(SCMP_SYS(write), CallFilter::is(0, kOutputFd));
  filter.allow_fstat(kInputFd);
  filter.allow_memory();
  return filter.enter();
}

}  // namespace sifguard
