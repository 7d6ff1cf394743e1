// Rights that a process gives up permanently through Landlock. Any privilege; used by sandboxes.
#pragma once

#include <span>
#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// The ABI version that the kernel offers; 0 without Landlock (before 5.13, or switched off).
[[nodiscard]] int landlock_version() noexcept;

/// Applies as much of Landlock as the kernel has: from here on this process (with threads that it
/// starts later, but not those that it has) can open, create, change or execute no file, bind or
/// connect no TCP socket (Linux 6.7), and reach no abstract socket or process outside (6.12).
/// Descriptors that are open stay usable. Does nothing on a kernel without Landlock, which is an
/// additional layer behind the system call filter. Returns the ABI version in force, 0 for none.
/// Errors: Code::internal when the kernel has Landlock but refuses.
[[nodiscard]] Result<int> give_up_files_and_network();

/// The same, except below these paths; missing paths are ignored.
struct KeptFiles {
  std::span<const std::string> read;   ///< may be read and executed
  std::span<const std::string> write;  ///< may be read, made, changed and removed
};
[[nodiscard]] Result<int> keep_only(const KeptFiles& kept);

}  // namespace sifguard
