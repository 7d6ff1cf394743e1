// The walls of `sifguard-imagefs`, on top of what start_child() took away.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// User and UTS namespaces of its own where the node gives them, without any capability in them; no
/// core dump, no look into its memory; SIGPIPE ignored. Before any thread is started. Errors:
/// Code::internal.
Status leave_the_node();

/// The same user and UTS namespaces alone, for a process that needs its files. Errors likewise.
Status leave_users();

/// From here on this process, all its threads included, can read and answer on the descriptors of
/// imagefs_wire.h, use and lock memory, wait, and end. Any other system call (open, exec, socket,
/// clone, executable memory, …) kills it. Errors: Code::config on a node without seccomp.
Status enter_imagefs_sandbox();

/// Buffers, stacks and what the ciphers make of the key never go to a swap, and no page of ours is
/// waited for when memory is short; pages are locked when they come into use, so that few are
/// resident. Where RLIMIT_MEMLOCK is too low for that (root in a container), the keys alone are
/// locked, as always.
void lock_memory();

}  // namespace sifguard
