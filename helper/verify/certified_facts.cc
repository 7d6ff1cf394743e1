// Facts about an image, once it is known what its signers' signatures are worth now. Pure.
#include "helper/verify/certified_facts.h"

#include "helper/verify/pki_run.h"

namespace sifguard {

Result<CertifiedFacts> certify(const ExaminedFacts& facts, std::string digest,
                               const Standing& standing) {
  if (!standing.revoked().empty()) {
    if (digest.empty()) return fail(Code::internal, "the image's digest is not known");
    SG_CHECK(check_not_revoked(standing.revoked(), digest));
  }
  CertifiedFacts::Found found{*facts, std::move(digest)};
  limit_facts(found.facts, standing.limits());
  add_certified_names(found.facts, standing.certificates());
  return CertifiedFacts(std::move(found));
}

}  // namespace sifguard
