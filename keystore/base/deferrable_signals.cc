// Which signals can wait. Any program that people run; pure.
#include "keystore/base/deferrable_signals.h"

namespace sifguard {

bool is_deferrable(int signal) noexcept {
  switch (signal) {
    case SIGKILL:
    case SIGSTOP:
    case SIGILL:
    case SIGTRAP:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGSYS:
    case SIGTTIN:
    case SIGTTOU:
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
      return false;
    default:  // what lies between is the C library's own
      return (signal > 0 && signal <= SIGSYS) || (signal >= SIGRTMIN && signal <= SIGRTMAX);
  }
}

sigset_t deferrable_signals() noexcept {
  sigset_t all;
  ::sigemptyset(&all);
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (is_deferrable(signal)) ::sigaddset(&all, signal);
  }
  return all;
}

}  // namespace sifguard
