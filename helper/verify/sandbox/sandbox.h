// The last part of the sandbox of `sifguard-verifier`: seccomp, beyond what start_child() takes
// away.
#pragma once

#include "helper/verify/wire/descriptors.h"
#include "keystore/base/error.h"

namespace sifguard {

/// From here on this process with all its threads can only read kInputFd, write kOutputFd, use
/// memory, wait for its threads, and end. Any other system call (open, exec, socket, clone,
/// executable memory, …) kills it. Errors: Code::internal.
Status enter_sandbox();

}  // namespace sifguard
