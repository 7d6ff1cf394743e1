// A squashfs as a mount that nobody sees until it is placed. Root.
#include "helper/mount/squashfs_mount.h"

#include "helper/mount/loop_device.h"
#include "helper/mount/squashfuse_server.h"

namespace sifguard {

Result<SquashfsMount> mount_squashfs(const SquashfsSource& source,
                                     const RootMountOptions& options) {
  if (!options.squashfuse.empty()) {
    SG_TRY(DetachedMount served, serve_squashfs(source, options));
    return SquashfsMount{std::move(served), true};
  }
  SG_TRY(const LoopDevice loop,
         LoopDevice::over(source.file, source.offset, source.size, source.direct));
  SG_TRY(
      DetachedMount mount,
      DetachedMount::make({.source = loop.path(), .options = {}, .executable = source.executable},
                          options.scratch));
  const bool shows_owner = options.uid == 0 || mount.show_root_as(options.uid, options.gid);
  return SquashfsMount{std::move(mount), shows_owner};
}

}  // namespace sifguard
