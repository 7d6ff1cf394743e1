// What a forked child does to its own mount namespace. Root; async-signal-safe but for
// list_mount_points(), which belongs before the fork.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// A mount, and what it already forbids (MS_NOSUID, MS_NODEV, …), which a remount must repeat.
struct MountPoint {
  std::string path;
  unsigned long flags = 0;
};

/// This process's mounts if the kernel lacks mount_setattr() (before 5.12), which then have to be
/// made read-only one by one; else none.
[[nodiscard]] Result<std::vector<MountPoint>> list_mount_points();

/// Makes every mount private and read-only.
[[nodiscard]] bool make_read_only(std::span<const MountPoint> one_by_one) noexcept;

/// Covers /proc with one that shows this PID namespace; `is_init`: there is one of our own. Else
/// with one that shows the user's own processes (Linux 5.8), else with nothing at all.
[[nodiscard]] bool mount_own_proc(bool is_init) noexcept;

/// Covers a directory with fresh memory, root's, that swaps as little as the kernel can say.
[[nodiscard]] bool cover_with_memory(const char* directory) noexcept;

}  // namespace sifguard
