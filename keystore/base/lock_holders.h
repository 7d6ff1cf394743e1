// Locks that root waits for: finds their holders and continues stopped ones. Root on nodes; for
// other users waking has no effect.
//
// A helper works below the job's step, so its user may stop it (scancel -s STOP), and a scheduler
// that suspends jobs does. It must not keep a lock that others wait for; its work is short, so it
// is continued. The kernel says which process it is: whoever takes an exclusive flock(2) here first
// takes a record lock (fcntl(2)) on the same file, so that the holder is known at every moment.
// F_GETLK then returns the holder of this file, however many locks and processes there are
// elsewhere, and the kernel drops the record lock when the process ends. The record lock itself
// excludes nobody. Where it cannot be taken (network file systems may treat both locks as one), the
// holder stays unknown.
#pragma once

#include <cstdint>

namespace sifguard {

/// Does `operation`, LOCK_EX (with a record lock as above) or LOCK_SH, without waiting. False with
/// errno: EWOULDBLOCK when another process holds it. If one process locks a file twice, its holder
/// becomes unknown again.
[[nodiscard]] bool try_lock(int fd, int operation) noexcept;

/// The same, waiting until `deadline_ms` (monotonic_ms() scale); meanwhile holders are woken.
[[nodiscard]] bool lock_before(int fd, int operation, std::int64_t deadline_ms) noexcept;

/// Continues the known holder of the file of `fd`, if it is stopped, and takes it out of its
/// control group if that is frozen. A process that a debugger has stopped stays stopped. Returns
/// how many processes it continued. If nothing has to be done or can be done, that is not an error.
int wake_lock_holders(int fd) noexcept;

}  // namespace sifguard
