// All that `sifguard-pki` is asked. Runs in its sandbox.
#include "helper/verify/sandbox/pki_check.h"

#include <algorithm>

#include "helper/verify/sandbox/pair_check.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {
namespace {

using Keys = std::vector<SignerKey>;

void add(Keys& keys, SignerKey key) {
  const bool known = std::any_of(
      keys.begin(), keys.end(), [&](const SignerKey& other) { return other.spki() == key.spki(); });
  if (!known) keys.push_back(std::move(key));
}

Result<Keys> raw_keys(const std::vector<std::string>& pems) {
  Keys keys;
  for (std::size_t i = 0; i < pems.size(); ++i) {
    auto key = SignerKey::from_pem(pems[i]);
    if (!key) {
      return fail(Code::config, "public key " + std::to_string(i + 1) + ": " + key.error().what(),
                  key.error().remedy());
    }
    add(keys, *std::move(key));
  }
  return keys;
}

/// A key that cannot sign images makes its certificate useless, however good its chain.
void add_certified(Keys& keys, JudgedCertificate& judged) {
  auto key = SignerKey::from_spki(as_bytes(judged.public_key));
  if (key && !key->weak()) return add(keys, *std::move(key));
  CertificateVerdict& verdict = judged.verdict;
  if (verdict.status == CertificateStatus::good) {
    verdict.status = CertificateStatus::weak;
    verdict.valid_until = 0;
    verdict.note = "has a key that cannot sign images";
    const Status strong = key ? key->check_strong() : Status();
    const std::string why = !key ? key.error().what() : !strong ? strong.error().what() : "";
    if (!why.empty()) verdict.note += ": " + printable(why, 128);
  }
  if (key) add(keys, *std::move(key));
}

Status check_certificates(const PkiRequest& request, Keys& keys, PkiAnswer& answer) {
  if (request.certificates.empty()) return {};
  SG_TRY(TrustAnchors anchors, TrustAnchors::parse(request.roots, request.intermediates));
  const CertificateRules rules = {std::move(anchors), CrlSet::parse(request.crls),
                                  OcspSet::parse(request.ocsp), request.revocation, request.now};
  for (const std::string& pem : request.certificates) {
    SG_TRY(JudgedCertificate judged, check_certificate(pem, rules));
    if (!judged.public_key.empty()) add_certified(keys, judged);
    answer.certificates.push_back(std::move(judged.verdict));
  }
  return {};
}

}  // namespace

Result<PkiAnswer> check_pki(const PkiRequest& request) {
  PkiAnswer answer;
  SG_TRY(Keys keys, raw_keys(request.public_keys));
  SG_CHECK(check_certificates(request, keys, answer));
  SG_TRY(answer.pairs, check_pairs(request.pairs, keys));
  return answer;
}

}  // namespace sifguard
