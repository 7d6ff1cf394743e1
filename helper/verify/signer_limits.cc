// Signers that are retired or revoked, and which of their signatures do not count. Pure.
#include "helper/verify/signer_limits.h"

#include <time.h>

namespace sifguard {

std::vector<SignerLimit> limits_of(const std::vector<SignerRecord>& records) {
  std::vector<SignerLimit> limits;
  const std::int64_t now = ::time(nullptr);
  for (const SignerRecord& record : records) {
    if (record.state == SignerState::active) continue;
    limits.push_back({record.id, record.state, dated_since(record.state_at, now), record.reason});
  }
  return limits;
}

void limit_facts(ImageFacts& facts, const std::vector<SignerLimit>& limits) {
  for (SignatureFact& signature : facts.signatures) {
    if (signature.status != SignatureStatus::good) continue;
    for (const SignerLimit& limit : limits) {
      if (limit.id != signature.signer ||
          signature_counts(limit.state, limit.reason, limit.at, signature.made)) {
        continue;
      }
      signature.status = SignatureStatus::revoked;
      signature.note =
          limit.state == SignerState::revoked ? "its signer is revoked (" + limit.reason + ")"
          : limit.at == 0 ? "its signer was retired under a clock that was ahead of this one"
                          : "it was made after its signer retired";
    }
  }
}

}  // namespace sifguard
