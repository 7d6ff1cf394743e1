// Who holds a lock that root waits for, and whether they can go on. Root on nodes; without effect
// for others.
//
// A helper works below the job's step, so its user may stop it (scancel -s STOP), and a scheduler
// that suspends jobs does: it must not keep what others wait for. Its work is short and its own; it
// is let go on.
#pragma once

namespace sifguard {

/// Continues every process that holds a flock(2) on the file of `fd` and is stopped, and takes it
/// out of its control group if that is frozen. What a debugger has stopped stays so.
/// Returns how many it set going. Nothing to do, or nothing that can be done, is no error.
int wake_lock_holders(int fd) noexcept;

}  // namespace sifguard
