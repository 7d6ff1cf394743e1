// Root's programs keep what they need of root. Root.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Gives up, for this process and all it starts, every capability but those of the table in
/// limit_root.cc, and the system calls of forbid_dangerous_calls(). Does nothing for who is not
/// root. Errors: Code::config on a node without filters of system calls, Code::internal.
Status limit_root();

}  // namespace sifguard
