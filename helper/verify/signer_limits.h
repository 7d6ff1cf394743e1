// Signers that are retired or revoked, and which of their signatures do not count. Root, or the
// user of sif-verify; pure.
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
  std::int64_t at;  ///< see dated_since(); 0: all signatures, whatever their date
  std::string reason;
};

/// The limits of those records that are not active.
[[nodiscard]] std::vector<SignerLimit> limits_of(const std::vector<SignerRecord>& records);

/// Marks signatures that no longer count as those of a revoked signer. It runs at every launch,
/// because the result is not cached, and in sif-verify.
void limit_facts(ImageFacts& facts, const std::vector<SignerLimit>& limits);

}  // namespace sifguard
