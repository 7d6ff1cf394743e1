// The end of a server whose step has ended. In the sandbox of `sifguard-imagefs`.
//
// The mount that it serves ends with the last process of the step, and it with the mount. A process
// that the user hid from Slurm would keep both: what the step's slurmstepd is gone for is over.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// How long after its owner the server may live: until then all ends by itself as a rule.
inline constexpr long kOwnerGraceMs = 2000;

/// Starts a thread that ends this process kOwnerGraceMs after `owner`, the handle (pidfd) of a
/// process, has become readable, and says so on `log` (or -1). Before the filter of system calls,
/// which must let poll(2) through. Errors: Code::temporary without a thread.
Status end_with(int owner, int log);

}  // namespace sifguard
