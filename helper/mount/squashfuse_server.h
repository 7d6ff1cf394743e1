// A running `sifguard-squashfuse`: root's side. Root. Internal to helper/mount.
#pragma once

#include "helper/mount/squashfs_mount.h"

namespace sifguard {

/// Starts a server and returns the mount that it serves, until the mount is gone. The server has
/// answered once by then, so that a later reader does not wait for a server that has failed.
/// Errors: Code::config without FUSE, before Linux 5.2, and for a squashfuse that is missing or not
/// root's; Code::refused for an image that squashfuse does not accept, and for a file that its
/// account cannot read; Code::temporary after the deadline.
[[nodiscard]] Result<DetachedMount> serve_squashfs(const SquashfsSource& source,
                                                   const RootMountOptions& options);

}  // namespace sifguard
