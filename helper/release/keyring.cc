// The public keys of the signers that a decision names, and what certificates call them now. Root.
#include "helper/release/keyring.h"

#include <time.h>

#include <set>

#include "helper/verify/pki_run.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/store/trust_store.h"

namespace sifguard {
namespace {

tl::unexpected<Error> lacks(const std::string& binding, const std::string& signer,
                            const std::string& why) {
  return fail(
      Code::config,
      "the keystore lacks signer " + printable(signer, 200) + " of binding " + binding + why,
      "sifctl signer add FILE");
}

std::vector<std::string>& list_for(SignerKeys& keys, SignerType type) {
  switch (type) {
    case SignerType::openpgp:
      return keys.openpgp;
    case SignerType::public_key:
      return keys.public_keys;
    case SignerType::certificate:
      break;
  }
  return keys.certificates;
}

Result<std::vector<std::string>> texts(const Keystore& keystore, TrustKind kind) {
  SG_TRY(auto items, trust_items(keystore, kind));
  std::vector<std::string> all;
  for (TrustItem& item : items) all.push_back(std::move(item.text));
  return all;
}

/// The responses about these certificates and the intermediates, which are filed under the same
/// names: not those about all signers that the keystore knows.
Result<std::vector<std::string>> responses(const Keystore& keystore, std::set<std::string> names) {
  SG_TRY(const auto between, trust_items(keystore, TrustKind::intermediate));
  for (const TrustItem& item : between) names.insert(item.name);
  SG_TRY(auto items, trust_items(keystore, TrustKind::response));
  std::vector<std::string> wanted;
  for (TrustItem& item : items) {
    if (names.count(item.name) > 0) wanted.push_back(std::move(item.text));
  }
  return wanted;
}

Result<std::vector<CertificateVerdict>> judge_certificates(const Keyring& keyring,
                                                           const Keystore& keystore,
                                                           std::string_view revocation,
                                                           const ExamineOptions& options) {
  if (!keyring.by_name) return std::vector<CertificateVerdict>{};
  PkiRequest request;
  request.certificates = keyring.keys.certificates;
  SG_TRY(request.roots, texts(keystore, TrustKind::root));
  SG_TRY(request.intermediates, texts(keystore, TrustKind::intermediate));
  SG_TRY(request.crls, texts(keystore, TrustKind::crl));
  SG_TRY(request.ocsp,
         responses(keystore, {keyring.certificate_names.begin(), keyring.certificate_names.end()}));
  request.revocation = revocation_of(revocation);
  request.now = ::time(nullptr);
  SG_TRY(PkiAnswer answer, run_pki(request, options));
  return std::move(answer.certificates);
}

}  // namespace

Result<Keyring> load_keyring(const Keystore& keystore, const Decision& decision) {
  return load_keyring(keystore, decision.named_signers(), decision.bindings().front());
}

Result<Keyring> load_keyring(const Keystore& keystore, const Binding& binding) {
  std::vector<std::string> signers = binding.signers.any_of;
  signers.insert(signers.end(), binding.signers.all_of.begin(), binding.signers.all_of.end());
  return load_keyring(keystore, signers, binding.name);
}

Result<Keyring> load_keyring(const Keystore& keystore, const std::vector<std::string>& signers,
                             const std::string& binding) {
  SG_TRY(const auto records, keystore.signers_for(signers));
  Keyring keyring;
  keyring.limits = limits_of(records);
  Sha256 hash;
  std::set<std::string> taken;  // one certificate may go by several of the names
  for (const std::string& wanted : signers) {
    bool found = false;
    for (const SignerRecord& record : records) {
      if (!record.is_named(wanted)) continue;
      found = true;
      // The time of such a signature is not known, so that a revocation leaves none of them.
      if (record.type() == SignerType::certificate && !record.counts(0)) continue;
      if (!taken.insert(record.id).second) continue;
      auto key = keystore.signer_key(record.id);
      if (!key) return lacks(binding, wanted, ": " + key.error().what());
      hash.update(as_bytes(record.id + "\n" + *key + "\n"));
      if (record.type() == SignerType::certificate) {
        keyring.certificate_names.push_back(record.id.substr(record.id.find(':') + 1));
      }
      list_for(keyring.keys, record.type()).push_back(*std::move(key));
    }
    if (!found) return lacks(binding, wanted, "");
  }
  keyring.by_name = !keyring.keys.certificates.empty();
  SG_TRY(const Sha256Digest digest, hash.finish());
  keyring.digest = to_hex(digest);
  return keyring;
}

Result<Standing> standing_of(const Keyring& keyring, const Keystore& keystore,
                             std::string_view revocation, const ExamineOptions& options) {
  SG_TRY(auto revoked, revoked_digests(keystore));
  SG_TRY(auto certificates, judge_certificates(keyring, keystore, revocation, options));
  return Standing(keyring.limits, std::move(revoked), std::move(certificates));
}

}  // namespace sifguard
