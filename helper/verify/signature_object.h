// Reading one signature object of an image and classifying what it says. Sandboxed verifier.
#pragma once

#include <optional>

#include "helper/sif/image.h"
#include "helper/verify/metadata.h"
#include "helper/verify/report.h"

namespace sifguard {

struct SignatureCandidate {
  SignatureReport report;  ///< statement status still malformed where `statement` is set
  std::optional<ImageStatement> statement;  ///< well-formed, to be compared with the image
};

/// A malformed signature is a fact, not an error. Errors: Code::refused when it is larger than
/// kMaxSignatureSize, or cannot be read.
[[nodiscard]] Result<SignatureCandidate> read_signature_object(int fd,
                                                               const sif::Descriptor& object);

}  // namespace sifguard
