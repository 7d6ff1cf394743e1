// A FUSE connection and the mount of its one file, before there is a server. Root, in a mount
// namespace of the task's own. Internal to helper/mount.
#pragma once

#include <string>

#include "helper/mount/detached_mount.h"

namespace sifguard {

struct FuseConnection {
  UniqueFd fuse;  ///< of /dev/fuse; who holds it serves, and nobody waits once all have let go
  DetachedMount mount;
};

/// Errors: Code::config without FUSE; those of DetachedMount::make().
[[nodiscard]] Result<FuseConnection> connect_fuse(const std::string& scratch);

}  // namespace sifguard
