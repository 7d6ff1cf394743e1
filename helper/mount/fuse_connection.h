// A FUSE connection and its mount, before there is a server. Root, in a mount namespace of the
// task's own. Internal to helper/mount.
#pragma once

#include <string>

#include "helper/mount/detached_mount.h"

namespace sifguard {

struct FuseConnection {
  UniqueFd fuse;  ///< of /dev/fuse; whoever holds it is the server, and once it is closed
                  ///< everywhere nobody waits
  DetachedMount mount;
};

struct FuseWanted {
  const char* server = "sifguard-imagefs";
  bool is_directory = false;  ///< else it is one file
  bool executable = false;
  /// Users other than root may open the files in it, as owners and modes permit; else only root
  /// may.
  bool for_others = false;
};

/// Errors: Code::config without FUSE; those of DetachedMount::make().
[[nodiscard]] Result<FuseConnection> connect_fuse(const FuseWanted& wanted,
                                                  const std::string& scratch);

}  // namespace sifguard
