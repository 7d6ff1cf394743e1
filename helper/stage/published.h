// Images that the site published: they are in a directory that only root can change, and run in
// place. Root.
//
// The directory is `published` of sifguard.yaml. No job can change files there, so they need not be
// copied. Each is still verified to be the file that was signed, once for each node and boot.
#pragma once

#include <optional>
#include <string>

#include "helper/stage/opened_image.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

/// The published file that `image` names, read-only; nullopt when the image is elsewhere. Errors:
/// Code::config when the file or a directory above it is not root's alone.
[[nodiscard]] Result<std::optional<UniqueFd>> open_published(const OpenedImage& image,
                                                             const std::string& directory);

/// SHA-256 of the whole file. Errors: Code::temporary after the deadline (monotonic_ms() scale).
[[nodiscard]] Result<Sha256Digest> digest_of_file(int fd, std::uint64_t size,
                                                  std::int64_t deadline_ms);

}  // namespace sifguard
