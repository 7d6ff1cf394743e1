// The sandbox of `sifguard-pgp` and of the gpg that it starts.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// From here on this process and its children can only read the system's programs and libraries and
/// write to `home` (Landlock, where the kernel has it), and cannot reach the network or another
/// process (forbidden_calls.h), whatever namespaces they are in. `gpg`: absolute path. Errors:
/// Code::config when the node does not support system call filters.
Status enter_pgp_sandbox(const std::string& home, const std::string& gpg);

}  // namespace sifguard
