// How a launch would judge the certificates of signers in a keystore. The owner of the keystore,
// in `sifctl`.
#include "keystore/trust/signer_fitness.h"

#include <optional>

#include "keystore/store/trust_store.h"

namespace sifguard {
namespace {

Result<std::vector<std::string>> texts(const Keystore& keystore, TrustKind kind,
                                       std::string_view without) {
  SG_TRY(auto items, trust_items(keystore, kind));
  std::vector<std::string> all;
  for (TrustItem& item : items) {
    if (item.name != without) all.push_back(std::move(item.text));
  }
  return all;
}

/// Judges certificates; what the keystore trusts and revokes is read once, when it is first asked.
class Fitness {
 public:
  Fitness(const Keystore& keystore, std::int64_t now) : keystore_(keystore), now_(now) {}

  Result<Unfit> of_certificate(const std::string& pem) {
    Unfit found;
    SG_TRY(found.why, why_never_good(pem, now_));
    if (!found.why.empty()) return found;
    found.for_good = false;
    SG_TRY(found.why, why_revoked(pem));
    return found;
  }
  Result<Unfit> of_signer(const SignerRecord& record) {
    if (record.type() != SignerType::certificate) return Unfit{};
    SG_TRY(const std::string pem, keystore_.signer_key(record.id));
    return of_certificate(pem);
  }

 private:
  /// Whether some list or answer that the keystore has revokes it: that counts, however old it is.
  Result<std::string> why_revoked(const std::string& pem) {
    if (!rules_) rules_.emplace(launch_rules(keystore_, Revocation::crl, now_));
    const Result<CertificateRules>& rules = *rules_;
    if (!rules) return std::string();  // what cannot be used is told by doctor and by launches
    SG_TRY(const JudgedCertificate judged, check_certificate(pem, *rules));
    const CertificateVerdict& verdict = judged.verdict;
    return verdict.status == CertificateStatus::revoked ? verdict.note : std::string();
  }

  const Keystore& keystore_;
  std::int64_t now_;
  std::optional<Result<CertificateRules>> rules_;
};

}  // namespace

Result<Unfit> unfit_certificate(const Keystore& keystore, const std::string& pem,
                                std::int64_t now) {
  return Fitness(keystore, now).of_certificate(pem);
}

Result<std::map<std::string, Unfit>> unfit_names(const Keystore& keystore,
                                                 const std::vector<std::string>& names,
                                                 std::int64_t now) {
  SG_TRY(const auto records, keystore.signers());
  Fitness fitness(keystore, now);
  std::map<std::string, Unfit> unfit;
  for (const std::string& name : names) {
    Unfit found;
    for (const SignerRecord& record : records) {
      if (!record.is_named(name)) continue;
      SG_TRY(found, fitness.of_signer(record));
      if (found.why.empty()) break;
    }
    if (!found.why.empty()) unfit.emplace(name, std::move(found));
  }
  return unfit;
}

Result<CertificateRules> launch_rules(const Keystore& keystore, Revocation revocation,
                                      std::int64_t now, std::string_view without) {
  SG_TRY(const auto roots, texts(keystore, TrustKind::root, without));
  SG_TRY(const auto between, texts(keystore, TrustKind::intermediate, without));
  SG_TRY(const auto lists, texts(keystore, TrustKind::crl, without));
  SG_TRY(const auto responses, texts(keystore, TrustKind::response, without));
  SG_TRY(TrustAnchors anchors, TrustAnchors::parse(roots, between));
  return CertificateRules{std::move(anchors), CrlSet::parse(lists), OcspSet::parse(responses),
                          revocation, now};
}

}  // namespace sifguard
