// Ends a server when its step has ended. In the sandbox of `sifguard-imagefs`.
//
// Usually the mount ends with the last process of the step, and the server with the mount. A
// process that the user hid from Slurm would keep both alive, so the server also ends when the
// step's slurmstepd has ended.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// How long the server may live after its owner has ended; usually it ends by itself before that.
inline constexpr long kOwnerGraceMs = 2000;

/// Starts a thread that ends this process kOwnerGraceMs after the end of the process whose pidfd is
/// `owner`, and reports that on `log` (or -1). Call it before the system call filter, which must
/// allow poll(2). Errors: Code::temporary if no thread can be started.
Status end_with(int owner, int log);

}  // namespace sifguard
