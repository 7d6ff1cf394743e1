// Which signals can wait until something that must not be cut is whole again. Any program that
// people run; pure.
#pragma once

#include <csignal>

namespace sifguard {

/// What ends or stops a process unless it does something about it, and comes from others: not what
/// nobody can defer (SIGKILL, SIGSTOP), what its own faults raise (SIGSEGV and its like), what the
/// terminal sends to the background (SIGTTIN, SIGTTOU), and what has no such effect.
[[nodiscard]] bool is_deferrable(int signal) noexcept;

/// All of them.
[[nodiscard]] sigset_t deferrable_signals() noexcept;

}  // namespace sifguard
