// What a signature object of an image says about itself. Unverified, all of it: to show, and to
// recognize a signer's own earlier signatures. The user's rights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "helper/sif/image.h"
#include "keystore/base/error.h"

namespace sifguard {

struct SignatureSummary {
  std::string_view form = "unknown";  ///< "openpgp", "dsse", "legacy" or "unknown"
  /// Upper-case fingerprint of the descriptor, or the key ids of a DSSE envelope: printable()
  /// before showing. May be empty.
  std::vector<std::string> claimed;
};

/// Of one signature object. Malformed ones are "unknown". Errors: Code::refused when it is larger
/// than any signature, those of reading.
[[nodiscard]] Result<SignatureSummary> summarize_signature(int fd, const sif::Descriptor& object);

/// Whether the object is a current signature over this group: legacy ones are in a group.
[[nodiscard]] bool is_signature_over(const sif::Descriptor& object, std::uint32_t group) noexcept;

}  // namespace sifguard
