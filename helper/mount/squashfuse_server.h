// A running `sifguard-squashfuse`: root's side. Root. Internal to helper/mount.
#pragma once

#include "helper/mount/squashfs_mount.h"

namespace sifguard {

/// The mount that it serves until that is gone; answered once, so that whoever comes next does not
/// wait for a server that is no more. Errors: Code::config without FUSE, before Linux 5.2, and for
/// a squashfuse that is missing or not root's; Code::refused for what that does not take, and for a
/// file that its account cannot read; Code::temporary past the deadline.
[[nodiscard]] Result<DetachedMount> serve_squashfs(const SquashfsSource& source,
                                                   const RootMountOptions& options);

}  // namespace sifguard
