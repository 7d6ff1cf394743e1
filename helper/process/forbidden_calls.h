// System calls that a process and its children may no longer make. Any privilege.
//
// These are lists of forbidden calls, for processes that start foreign programs: which calls such a
// program needs changes with the C library. Our programs that start nothing have a list of allowed
// calls (helper/verify/sandbox/sandbox.h).
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// For root's programs: forbids loading code into the kernel, reading other processes' memory, and
/// other calls that none of them needs. Such a call fails with EPERM. Errors: Code::config on a
/// kernel without seccomp filters.
Status forbid_dangerous_calls();

/// For a program that handles hostile bytes: forbids those calls and all that namespaces would
/// prevent, so that it is confined without namespaces, too. It cannot make a socket, send a signal
/// to a process or have one sent (as owner of a file or terminal), trace a process, share System V
/// memory, leave its session, or make a namespace. Errors: Code::config, the same.
Status forbid_reaching_out();

}  // namespace sifguard
