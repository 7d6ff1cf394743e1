// Runs a part of our own program in a second process; child.h starts other programs. The caller's
// privilege.
//
// It is for what one process cannot do without losing something: enter a namespace, wait for a file
// system that may not answer, keep other rights. No other code forks, except the plugin, which
// links the C library alone. The second process has everything that the first one has: it closes
// what it must not keep, and asks for a signal if it must not survive. If the part allocates, the
// first process must have one thread.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <optional>

namespace sifguard {

/// The status with which a part ends that threw an exception.
inline constexpr int kPartFailed = 70;

/// Like fork(): the child's number, 0 in the child, or -1 with errno.
[[nodiscard]] pid_t fork_self() noexcept;
/// The same into new `namespaces` (CLONE_NEW…). The C library does not learn of it, so the child
/// may make system calls alone.
[[nodiscard]] pid_t fork_into(unsigned long namespaces) noexcept;

/// Runs `part` in a second process that ends with the status that it returns, without the exit
/// handlers of the first. Returns its number, or -1 with errno.
template <typename Part>
[[nodiscard]] pid_t fork_part(const Part& part) noexcept {
  const pid_t child = fork_self();
  if (child != 0) return child;
  try {
    ::_exit(part());
  } catch (...) {  // it must not go on as the first process
    ::_exit(kPartFailed);
  }
}

/// Waits for the end of a child. Returns its wait status; nullopt if it is no child of ours.
std::optional<int> wait_for_part(pid_t child) noexcept;

}  // namespace sifguard
