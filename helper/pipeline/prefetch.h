// Filling a node's cache ahead of jobs. Root, in no task's namespace.
#pragma once

#include <string>

#include "helper/pipeline/node.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Prefetched {
  std::string name;    ///< canonical path or URI: what launches will know it by
  std::string digest;  ///< "sha256:…"
};

/// Opens the image as `user`, verifies it under all bindings that match, rekeys it and puts it
/// into the cache, as a launch would do. No key leaves root, and nobody's right to run the image is
/// asked about: the launch will. Errors: those of a launch; Code::usage for a user that is not
/// there.
[[nodiscard]] Result<Prefetched> prefetch(const std::string& image, const std::string& user,
                                          const Node& node);

}  // namespace sifguard
