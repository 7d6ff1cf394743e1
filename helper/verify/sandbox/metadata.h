// The statement that a current signature makes about an image. Runs in the sandboxed verifier.
//
// It is one line of JSON (source of the format: sylabs/sif `integrity`):
//   {"version":1,"header":{"digest":"sha256:…"},
//    "objects":[{"relativeId":0,"descriptorDigest":"sha256:…","objectDigest":"sha256:…"}]}
// relativeId is the object's id minus the lowest id in its group. The header digest covers launch
// script, magic, version and UUID; a descriptor digest covers type, used, relative id, link, size,
// creation time, uid, gid, name and extra.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "helper/sif/image.h"
#include "helper/verify/sandbox/hasher.h"
#include "keystore/base/error.h"

namespace sifguard {

struct ObjectStatement {
  std::uint32_t relative_id = 0;
  Digest descriptor;
  Digest object;
};

struct ImageStatement {
  Digest header;
  std::vector<ObjectStatement> objects;  ///< at least one, relative ids unique
};

/// Errors: Code::refused for anything malformed; Code::denied, and only that, for a digest
/// algorithm that is not SHA-256, SHA-384 or SHA-512.
[[nodiscard]] Result<ImageStatement> parse_statement(std::string_view json);

[[nodiscard]] Result<Digest> header_digest(const sif::RawHeader& header, DigestAlgorithm algorithm);
[[nodiscard]] Result<Digest> descriptor_digest(const sif::Descriptor& object,
                                               std::uint32_t relative_id,
                                               DigestAlgorithm algorithm);

}  // namespace sifguard
