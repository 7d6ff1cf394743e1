// Fuzzes the DER of a signer's certificate. Whatever it is, the verdict is one that root takes, and
// its subject one that a person could have written.
#include <openssl/evp.h>

#include <cstdint>
#include <cstdlib>

#include "helper/verify/wire/pki_wire.h"
#include "keystore/policy/subject_name.h"
#include "keystore/x509/certificate_check.h"
#include "tests/fuzz/pki_chain.h"

namespace {

std::string pem_of(const std::uint8_t* data, std::size_t size) {
  std::string base64(4 * ((size + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), data, static_cast<int>(size));
  base64.pop_back();
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
  return pem + "-----END CERTIFICATE-----\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  static const CertificateRules rules = {
      TrustAnchors::parse({kRootPem}, {kIssuerPem}).value(), {}, {}, Revocation::off, kChainTime};
  const auto judged = check_certificate(pem_of(data, size), rules);
  if (!judged) return 0;
  const CertificateVerdict& verdict = judged->verdict;
  if (!decode_pki_answer(encode_pki_answer({{}, {verdict}}), 0, 1)) std::abort();
  if (!verdict.subject.empty() && canonical_subject(verdict.subject) != verdict.subject)
    std::abort();
  return 0;
}
