// Opening a user's path without magic links. The job's owner's rights.
#pragma once

namespace sifguard {

/// Like open(2), but fails with ELOOP if the path leads through one of /proc's links to a process's
/// files or directories (openat2() with RESOLVE_NO_MAGICLINKS; on kernels before 5.6, component by
/// component). -1 and errno on failure.
[[nodiscard]] int open_without_magic_links(const char* path, int flags) noexcept;

}  // namespace sifguard
