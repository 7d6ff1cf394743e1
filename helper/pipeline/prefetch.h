// Filling a node's cache ahead of jobs. Root, in a mount namespace of its own.
#pragma once

#include <string>

#include "helper/pipeline/node.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Prefetched {
  std::string name;    ///< canonical path or URI: what launches will know it by
  std::string digest;  ///< "sha256:…"
};

/// Opens the image as `user`, verifies it under all bindings that match, rekeys it or, for
/// `release: mount`, unlocks it, and puts it into the cache with what that found, as a launch would
/// do: the first one is a warm one. No key leaves root, and nobody's right to run the image is
/// asked about: the launch will. Mounts /run/sifguard/job in the caller's mount namespace. Errors:
/// those of a launch; Code::usage for a user that is not there.
[[nodiscard]] Result<Prefetched> prefetch(const std::string& image, const std::string& user,
                                          const Node& node);

}  // namespace sifguard
