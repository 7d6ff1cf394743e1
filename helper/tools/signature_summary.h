// What a signature object of an image says about itself. All of it is unverified and only for
// display and for recognizing a signer's own earlier signatures. The user's rights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "helper/sif/image.h"
#include "keystore/base/error.h"

namespace sifguard {

struct SignatureSummary {
  std::string_view form = "unknown";  ///< "openpgp", "dsse", "legacy" or "unknown"
  /// Upper-case fingerprint of the descriptor, or the key ids of a DSSE envelope; apply printable()
  /// before showing them. May be empty.
  std::vector<std::string> claimed;
};

/// Summarizes one signature object. The form of a malformed one is "unknown". Errors: Code::refused
/// when it is larger than any signature may be, those of reading.
[[nodiscard]] Result<SignatureSummary> summarize_signature(int fd, const sif::Descriptor& object);

/// Whether the object is a signature of the current form for this group. Those of the legacy form
/// are themselves in a group.
[[nodiscard]] bool is_signature_over(const sif::Descriptor& object, std::uint32_t group) noexcept;

}  // namespace sifguard
