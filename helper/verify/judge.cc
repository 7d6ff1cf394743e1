// Holding the signers that a policy demands against an image. Pure.
#include "helper/verify/judge.h"

namespace sifguard {

Result<Verdict> judge(const CertifiedFacts& facts, std::span<const SignerRequirement> requirements,
                      std::int64_t now) {
  SG_TRY(Support support, weigh(*facts, requirements, now));
  return Verdict(facts, std::move(support));
}

}  // namespace sifguard
