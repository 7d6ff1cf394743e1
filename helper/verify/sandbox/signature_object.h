// Reading one signature object of an image and classifying what it says. Sandboxed verifier.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "helper/sif/image.h"
#include "helper/verify/sandbox/dsse.h"
#include "helper/verify/sandbox/metadata.h"
#include "helper/verify/wire/report.h"

namespace sifguard {

struct SignatureCandidate {
  SignatureReport
      report;  ///< its statement status is still malformed if one of the next two is set
  std::optional<ImageStatement> statement;  ///< well-formed, and to be compared with the image
  std::optional<Digest> legacy;             ///< the same for the legacy form
  std::vector<DsseSignature> others;        ///< all signatures of an envelope but the first
  sif::Link link;                           ///< of the object

  // Set and used by StatementCheck, for the legacy form.
  std::optional<std::size_t> object;  ///< index of the one object that it is about
  std::vector<std::size_t> chains;    ///< the chains whose digest it may state for a group
};

/// The bytes of a signature object. Errors: those of read_signature_object().
[[nodiscard]] Result<std::string> read_signature_data(int fd, const sif::Descriptor& object);

/// A malformed signature is a fact, not an error. Errors: Code::refused when it is larger than
/// kMaxSignatureSize, or cannot be read.
[[nodiscard]] Result<SignatureCandidate> read_signature_object(int fd,
                                                               const sif::Descriptor& object);

}  // namespace sifguard
