// Signers that are retired or revoked, and which of their signatures do not count. Root, or who
// runs sif-verify; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "helper/verify/image_facts.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct SignerLimit {
  std::string id;  ///< fingerprint or "spki:…"
  SignerState state;
  std::int64_t at;  ///< dated_since(): 0 when it dates nothing
  std::string reason;
};

/// Of those that are not active.
[[nodiscard]] std::vector<SignerLimit> limits_of(const std::vector<SignerRecord>& records);

/// Signatures that do not count any more become those of a revoked signer: at every launch, as
/// nothing of it is cached, and in sif-verify.
void limit_facts(ImageFacts& facts, const std::vector<SignerLimit>& limits);

}  // namespace sifguard
