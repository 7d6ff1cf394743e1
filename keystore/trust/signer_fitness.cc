// What a launch would make of the certificates of signers in a keystore. The owner of the keystore,
// in `sifctl`.
#include "keystore/trust/signer_fitness.h"

#include "keystore/store/trust_store.h"

namespace sifguard {
namespace {

Result<std::vector<std::string>> texts(const Keystore& keystore, TrustKind kind) {
  SG_TRY(auto items, trust_items(keystore, kind));
  std::vector<std::string> all;
  for (TrustItem& item : items) all.push_back(std::move(item.text));
  return all;
}

}  // namespace

Result<std::map<std::string, std::string>> never_fit(const Keystore& keystore,
                                                     const std::vector<std::string>& names,
                                                     std::int64_t now) {
  SG_TRY(const auto records, keystore.signers());
  std::map<std::string, std::string> unfit;
  for (const std::string& name : names) {
    std::string why;
    bool some_fit = false;
    for (const SignerRecord& record : records) {
      if (!record.is_named(name)) continue;
      some_fit = some_fit || record.type() != SignerType::certificate;
      if (some_fit) break;
      SG_TRY(const std::string pem, keystore.signer_key(record.id));
      SG_TRY(why, why_never_good(pem, now));
      some_fit = why.empty();
    }
    if (!some_fit && !why.empty()) unfit.emplace(name, why);
  }
  return unfit;
}

Result<CertificateRules> launch_rules(const Keystore& keystore, Revocation revocation,
                                      std::int64_t now) {
  SG_TRY(const auto roots, texts(keystore, TrustKind::root));
  SG_TRY(const auto between, texts(keystore, TrustKind::intermediate));
  SG_TRY(const auto lists, texts(keystore, TrustKind::crl));
  SG_TRY(const auto responses, texts(keystore, TrustKind::response));
  SG_TRY(TrustAnchors anchors, TrustAnchors::parse(roots, between));
  return CertificateRules{std::move(anchors), CrlSet::parse(lists), OcspSet::parse(responses),
                          revocation, now};
}

}  // namespace sifguard
