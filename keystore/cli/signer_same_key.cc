// Signers that share one key: certificates of it, or the raw key. Reads the keystore.
#include "keystore/cli/signer_same_key.h"

#include "keystore/policy/signer_id.h"
#include "keystore/x509/describe_certificate.h"

namespace sifguard {
namespace {

/// SHA-256 of the SubjectPublicKeyInfo. Empty for an OpenPGP key, whose signatures are others, and
/// for a certificate that makes no sense: no signature counts by that either.
std::string key_of(const SignerRecord& record, const std::string& text) {
  switch (record.type()) {
    case SignerType::openpgp:
      return {};
    case SignerType::public_key:
      return record.id.substr(kSpkiPrefix.size());
    case SignerType::certificate:
      break;
  }
  const auto described = describe_signer_certificate(text);
  return described ? described->spki : std::string();
}

/// All signers but the one called `besides` that have this key.
Result<std::vector<SignerRecord>> with_key(const Keystore& keystore, const std::string& key,
                                           const std::string& besides) {
  std::vector<SignerRecord> found;
  if (key.empty()) return found;
  SG_TRY(const auto all, keystore.signers());
  for (const SignerRecord& one : all) {
    if (one.id == besides || one.type() == SignerType::openpgp) continue;
    SG_TRY(const std::string text, keystore.signer_key(one.id));
    if (key_of(one, text) == key) found.push_back(one);
  }
  return found;
}

}  // namespace

Status check_key_is_good(const Keystore& keystore, const NewSigner& signer) {
  const std::string key = key_of(signer.record, signer.key);
  SG_TRY(const auto others, with_key(keystore, key, signer.record.id));
  for (const SignerRecord& other : others) {
    if (other.state != SignerState::revoked || is_soft_reason(other.reason)) continue;
    return fail(
        Code::denied,
        "its key is that of the signer " + other.id + ", which is revoked (" + other.reason + ")",
        "ask the signer for a new key, and what certifies that");
  }
  return {};
}

Result<std::vector<SignerRecord>> others_with_its_key(const Keystore& keystore,
                                                      const SignerRecord& signer) {
  SG_TRY(const std::string text, keystore.signer_key(signer.id));
  SG_TRY(auto others, with_key(keystore, key_of(signer, text), signer.id));
  std::erase_if(others, [](const SignerRecord& one) {
    return one.state == SignerState::revoked && !is_soft_reason(one.reason);
  });
  return others;
}

}  // namespace sifguard
