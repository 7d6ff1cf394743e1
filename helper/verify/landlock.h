// A process gives up the file system and the network for good. Any privilege; used by sandboxes.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Landlock, as much of it as the kernel has: from here on this process (and the threads that it
/// starts later, not those it has) can open, create, change or execute no file, bind or connect no
/// TCP socket (Linux 6.7), and reach no abstract socket or process outside (6.12). Descriptors
/// that are open stay usable. Does nothing on a kernel without Landlock: it is an extra behind the
/// system call filter. Gives the ABI version in force, 0 for none. Errors: Code::internal when the
/// kernel has Landlock but refuses.
[[nodiscard]] Result<int> give_up_files_and_network();

}  // namespace sifguard
