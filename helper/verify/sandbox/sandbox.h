// The last door closed behind `sifguard-verifier`: seccomp, on top of what start_child() took away.
#pragma once

#include "helper/verify/wire/descriptors.h"
#include "keystore/base/error.h"

namespace sifguard {

/// From here on this process, all its threads included, can read kInputFd, write kOutputFd, use
/// memory, wait for its threads, and end. Any other system call (open, exec, socket, clone,
/// executable memory, …) kills it. Errors: Code::internal.
Status enter_sandbox();

}  // namespace sifguard
