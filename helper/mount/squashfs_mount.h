// A squashfs as a mount that is not visible until it is placed: the kernel's on a loop device, or
// one that `sifguard-squashfuse` serves. Root, in a mount namespace of the task's own. Internal to
// helper/mount.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "helper/mount/detached_mount.h"
#include "helper/mount/image_server.h"

namespace sifguard {

struct RootMountOptions {
  ImageServerOptions server;
  /// The program that serves each squashfs, which only root can write; empty: the kernel does.
  std::string squashfuse;
  std::string scratch;  ///< an existing directory of root's in this namespace
  uid_t uid = 0;        ///< root's files are shown as this user's, where the kernel can
  gid_t gid = 0;
  std::int64_t deadline_ms = 0;  ///< in terms of monotonic_ms(), for unlocking
};

/// The bytes of a squashfs.
struct SquashfsSource {
  int file = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool direct = false;     ///< the kernel need not cache the file as well
  bool executable = true;  ///< programs in it may be run
};

struct SquashfsMount {
  DetachedMount mount;
  bool shows_owner = false;  ///< root's files are shown as those of the options' uid
};

/// Mounts it by the kernel or squashfuse, as the options say. Errors: those of LoopDevice and
/// DetachedMount, and of serve_squashfs().
[[nodiscard]] Result<SquashfsMount> mount_squashfs(const SquashfsSource& source,
                                                   const RootMountOptions& options);

}  // namespace sifguard
