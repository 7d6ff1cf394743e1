// Several squashfs file systems as one root: a read-only overlay of them. Root, in a mount
// namespace of the task's own. Internal to helper/mount.
//
// Layers mark what they remove from the layers below as overlayfs does: by a character device 0/0
// in place of a file, and trusted.overlay.opaque on a directory. SingularityCE writes them like
// this when it makes a squashfs of each layer.
#pragma once

#include <string>
#include <vector>

#include "helper/mount/detached_mount.h"

namespace sifguard {

/// Mounts the layers, the lowest first, on an existing directory; `scratch` as for DetachedMount.
/// Redirects (trusted.overlay.redirect) are not followed. Errors: Code::config for a kernel without
/// overlayfs, Code::refused for layers that the kernel does not accept, Code::internal.
Status place_layers(const std::vector<const DetachedMount*>& layers, const std::string& scratch,
                    const std::string& directory);

}  // namespace sifguard
