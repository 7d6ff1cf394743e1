// The last door closed behind `sifguard-verifier`: seccomp, on top of what start_child() took away.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Descriptors that the verifier is started with.
inline constexpr int kImageFd = 3;
inline constexpr int kReportFd = 4;
inline constexpr int kProgressFd = 5;  ///< a page of shared memory to count in, or nothing

/// From here on this process, all its threads included, can read kImageFd, write kReportFd, use
/// memory, wait for its threads, and end. Any other system call (open, exec, socket, clone,
/// executable memory, …) kills it. Errors: Code::internal.
Status enter_sandbox();

}  // namespace sifguard
