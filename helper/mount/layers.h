// Several squashfs as one root: an overlay of them, read only. Root, in a mount namespace of the
// task's own. Internal to helper/mount.
//
// Layers say what they take away from those below as overlayfs does: a character device 0/0 in the
// place of a file, and trusted.overlay.opaque on a directory. SingularityCE writes them so when it
// makes a squashfs of each layer.
#pragma once

#include <string>
#include <vector>

#include "helper/mount/detached_mount.h"

namespace sifguard {

/// Puts them, the lowest first, on an existing directory; `scratch` as for DetachedMount. What
/// redirects names is not followed. Errors: Code::config for a kernel without overlays,
/// Code::refused for layers that it does not take, Code::internal.
Status place_layers(const std::vector<const DetachedMount*>& layers, const std::string& scratch,
                    const std::string& directory);

}  // namespace sifguard
