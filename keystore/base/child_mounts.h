// What a forked child does to its own mount namespace. Root; async-signal-safe except
// list_mount_points(), which must be called before the fork.
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

/// If the kernel lacks mount_setattr() (before 5.12), this process's mounts, which must then be
/// made read-only one by one; else none.
[[nodiscard]] Result<std::vector<MountPoint>> list_mount_points();

/// Makes every mount private and read-only.
[[nodiscard]] bool make_read_only(std::span<const MountPoint> one_by_one) noexcept;

/// Mounts on /proc one that shows this PID namespace, if `is_init` (the process has one of its
/// own); else one that shows the user's own processes (Linux 5.8); else an empty directory.
[[nodiscard]] bool mount_own_proc(bool is_init) noexcept;

/// Mounts on a directory an empty memory file system of root's, without swap where the kernel
/// supports that.
[[nodiscard]] bool cover_with_memory(const char* directory) noexcept;

}  // namespace sifguard
