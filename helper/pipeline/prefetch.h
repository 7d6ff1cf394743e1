// Filling a node's cache ahead of jobs. Root, in a mount namespace of its own.
#pragma once

#include <string>

#include "helper/pipeline/node.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Prefetched {
  std::string name;    ///< canonical path or URI, by which launches will know it
  std::string digest;  ///< "sha256:…"
};

/// Opens the image as `user`, verifies it under all bindings that match, rekeys it or, for
/// `release: mount`, unlocks it, and puts it into the cache with the results, as a launch would, so
/// that the first launch finds it there. No key leaves root. Whether anybody may run the image is
/// not checked here; the launch checks it. Mounts /run/sifguard/job in the caller's mount
/// namespace. Errors: those of a launch; Code::usage for a user who does not exist.
[[nodiscard]] Result<Prefetched> prefetch(const std::string& image, const std::string& user,
                                          const Node& node);

}  // namespace sifguard
