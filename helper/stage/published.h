// Images that the site published: they lie in a directory that root alone can change, and run where
// they are. Root.
//
// The directory is `published` of sifguard.yaml. What root writes there no job can change, so there
// is nothing to copy; that the file is the one which was signed is verified all the same, once for
// each node and boot.
#pragma once

#include <optional>
#include <string>

#include "helper/stage/opened_image.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

/// The published file that `image` is, read-only; nullopt when it lies elsewhere. Errors:
/// Code::config when the file or a directory above it is not root's alone.
[[nodiscard]] Result<std::optional<UniqueFd>> open_published(const OpenedImage& image,
                                                             const std::string& directory);

/// SHA-256 of the whole file. Errors: Code::temporary past the deadline (monotonic_ms() scale).
[[nodiscard]] Result<Sha256Digest> digest_of_file(int fd, std::uint64_t size,
                                                  std::int64_t deadline_ms);

}  // namespace sifguard
