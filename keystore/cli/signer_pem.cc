// `sifctl signer add` of a raw public key or a certificate. Runs with the rights of the admin.
#include "keystore/cli/signer_pem.h"

#include "keystore/base/text.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/signer_key.h"
#include "keystore/policy/signer_id.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/describe_certificate.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxLabel = 200;
constexpr std::size_t kMaxChain = 16;

Result<NewSigner> public_key(const std::string& data, const std::string& label) {
  if (label.size() > kMaxLabel || !is_utf8(label)) {
    return fail(Code::usage, "the label is too long, or not UTF-8");
  }
  SG_TRY(const SignerKey key, SignerKey::from_pem(data));
  SG_CHECK(key.check_strong());
  NewSigner signer;
  signer.record.id = "spki:" + key.spki();
  signer.record.label = label.empty() ? key.fingerprint() : label;
  signer.record.algorithm = key.algorithm();
  signer.record.names = {signer.record.id};
  signer.key = data;
  return signer;
}

Result<NewSigner> certificate(const std::string& data, const std::string& label) {
  if (!label.empty()) {
    return fail(Code::usage, "a certificate has a name of its own", "leave --label out");
  }
  SG_TRY(const SignerCertificate described, describe_signer_certificate(data));
  NewSigner signer;
  signer.record.id = "cert:" + described.digest;
  signer.record.label = described.subject;
  signer.record.algorithm = described.algorithm;
  signer.record.created = described.not_before;
  signer.record.expires = described.not_after;
  if (!described.subject.empty()) {
    signer.record.names.push_back(std::string(kSubjectPrefix) + described.subject);
  }
  for (const std::string& name : described.names) {
    auto id = normalize_signer(std::string(kAlternativeNamePrefix) + name);
    if (id) signer.record.names.push_back(*std::move(id));
  }
  if (signer.record.names.empty()) {
    return fail(Code::refused, "the certificate names nobody: no subject, no alternative name");
  }
  signer.key = data;
  return signer;
}

}  // namespace

Result<NewSigner> read_pem_signer(const std::string& data, const std::string& label) {
  SG_TRY(const auto blocks, read_pem(data, kMaxChain));
  if (blocks.front().name == "CERTIFICATE") {
    SG_TRY(const LeafAndCas chain, split_chain_file(data));
    return certificate(blocks.size() == 1 ? data : chain.leaf, label);
  }
  return public_key(data, label);
}

}  // namespace sifguard
