// Locks that root waits for, and whether who holds them can go on. Root on nodes; waking is without
// effect for others.
//
// A helper works below the job's step, so its user may stop it (scancel -s STOP), and a scheduler
// that suspends jobs does: it must not keep what others wait for. Its work is short and its own; it
// is let go on. Who it is the kernel tells: an exclusive flock(2) is taken here with a record lock
// (fcntl(2)) on the same file, and that one first, so that there is no moment in which it is held
// by somebody unknown. F_GETLK then tells the holder of this very file, however many locks and
// processes there are elsewhere, and forgets it when it ends. The record lock excludes nobody by
// itself, and where it cannot be had (network filesystems may take both for one) there is none.
#pragma once

#include <cstdint>

namespace sifguard {

/// Takes `operation`, LOCK_EX (made known as above) or LOCK_SH, without waiting. False with errno:
/// EWOULDBLOCK when another has it. To lock a file twice in one process makes it unknown again.
[[nodiscard]] bool try_lock(int fd, int operation) noexcept;

/// The same, waiting until `deadline_ms` (monotonic_ms() scale); meanwhile holders are woken.
[[nodiscard]] bool lock_before(int fd, int operation, std::int64_t deadline_ms) noexcept;

/// Continues the process that has made known that it holds the file of `fd`, if it is stopped, and
/// takes it out of its control group if that is frozen. What a debugger has stopped stays so.
/// Returns how many it set going. Nothing to do, or nothing that can be done, is no error.
int wake_lock_holders(int fd) noexcept;

}  // namespace sifguard
