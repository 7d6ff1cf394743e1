// The Singularity images of a Batch Shipyard config.yaml: the content of
// global_resources.singularity_images, with the errors that Shipyard itself would report. Pure
// text; the rest of the file is ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct ShipyardImage {
  int line = 0;
  std::string image;  ///< "library://…" or "oras://…" if signed; also docker and shub if not
  bool is_signed = false;
  std::string fingerprint;                ///< of the signer, 40 upper-case digits; if signed
  std::optional<std::string> key_file;    ///< with the signer's public key; as written
  std::optional<std::string> thumbprint;  ///< SHA-1 of the encryption certificate, lower case
};

/// `file` is for messages. Errors: Code::config, "FILE:LINE: …": an invalid image, a signed one
/// without a fingerprint or of a kind that cannot be signed, one that is listed twice or both as
/// signed and unsigned, a file without images.
[[nodiscard]] Result<std::vector<ShipyardImage>> parse_shipyard(std::string_view yaml,
                                                                std::string_view file);

}  // namespace sifguard
