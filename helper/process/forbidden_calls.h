// System calls that a process, and whatever it starts, may not make any more. Any privilege.
//
// Lists of what is forbidden, for processes that start programs of others: what those need changes
// with the C library. Programs of ours that start nothing have a list of what is allowed
// (helper/verify/sandbox/sandbox.h).
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// For root's programs: loading code into the kernel, looking into other processes' memory, and
/// what else none of them has a use for. Such a call fails with EPERM. Errors: Code::config on a
/// kernel without seccomp filters.
Status forbid_dangerous_calls();

/// For a program that handles hostile bytes: those, and all that namespaces would keep from it, so
/// that it does not depend on them. It cannot make a socket, signal a process or have it signalled
/// (by a file's or terminal's owner), trace one, share System V memory, leave its session, or make
/// a namespace. Errors: Code::config likewise.
Status forbid_reaching_out();

}  // namespace sifguard
