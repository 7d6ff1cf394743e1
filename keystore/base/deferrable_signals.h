// Which signals can wait until an operation that must not be interrupted is complete. Any program
// that people run; pure.
#pragma once

#include <csignal>

namespace sifguard {

/// True for signals that others send and that end or stop a process by default. False for those
/// that nobody can defer (SIGKILL, SIGSTOP), those that the process's own faults raise (SIGSEGV and
/// the like), those that the terminal sends to background processes (SIGTTIN, SIGTTOU), and those
/// without such an effect.
[[nodiscard]] bool is_deferrable(int signal) noexcept;

/// The set of all deferrable signals.
[[nodiscard]] sigset_t deferrable_signals() noexcept;

}  // namespace sifguard
