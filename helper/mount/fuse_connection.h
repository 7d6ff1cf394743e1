// A FUSE connection and its mount, before there is a server. Root, in a mount namespace of the
// task's own. Internal to helper/mount.
#pragma once

#include <string>

#include "helper/mount/detached_mount.h"

namespace sifguard {

struct FuseConnection {
  UniqueFd fuse;  ///< of /dev/fuse; who holds it serves, and nobody waits once all have let go
  DetachedMount mount;
};

struct FuseWanted {
  const char* server = "sifguard-imagefs";
  bool is_directory = false;  ///< else it is one file
  bool executable = false;
  /// Others than root may open what is in it, by its owners and modes; else root alone.
  bool for_others = false;
};

/// Errors: Code::config without FUSE; those of DetachedMount::make().
[[nodiscard]] Result<FuseConnection> connect_fuse(const FuseWanted& wanted,
                                                  const std::string& scratch);

}  // namespace sifguard
