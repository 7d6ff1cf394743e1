// The doors closed behind `sifguard-pgp` and the gpg that it starts.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// From here on this process and its children read the system's programs and libraries, write to
/// `home` alone (Landlock, where the kernel has it), and reach no network and no other process
/// (forbidden_calls.h), whatever namespaces they are in. `gpg`: absolute path. Errors: Code::config
/// when the node gives no filter of system calls.
Status enter_pgp_sandbox(const std::string& home, const std::string& gpg);

}  // namespace sifguard
