// Limits root's programs to the rights that they need. Root.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Gives up, for this process and its children, every capability that is not in the table of
/// limit_root.cc, and the system calls of forbid_dangerous_calls(). Does nothing if the caller is
/// not root. Errors: Code::config on a node without system call filters, Code::internal.
Status limit_root();

}  // namespace sifguard
