// The sandbox of `sifguard-imagefs`, beyond what start_child() takes away.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Gives the process user and UTS namespaces of its own, where the node allows them, and no
/// capability in them. The process cannot dump core, no other process can read its memory, and it
/// ignores SIGPIPE. Call it before any thread is started. Errors: Code::internal.
Status leave_the_node();

/// Only the user and UTS namespaces, for a process that needs its files. Errors: the same.
Status leave_users();

/// From here on this process with all its threads can only read and write the descriptors of
/// imagefs_wire.h, use and lock memory, wait, and end. Any other system call (open, exec, socket,
/// clone, executable memory, …) kills it. Errors: Code::config on a node without seccomp.
Status enter_imagefs_sandbox();

/// Locks the memory of the process, so that buffers, stacks and the keys that ciphers derive are
/// never swapped out, and no read waits for our pages when memory is short. Pages are locked when
/// they are first used, so that few are resident. Where RLIMIT_MEMLOCK is too low for that (root in
/// a container), only the keys are locked, as always.
void lock_memory();

}  // namespace sifguard
