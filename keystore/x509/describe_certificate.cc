// What a signer's certificate says about itself. Any privilege.
#include "keystore/x509/describe_certificate.h"

#include <openssl/pem.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/signer_key.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/handles.h"

namespace sifguard {
namespace {

Result<SignerKey> key_of(const X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &raw);
  if (size <= 0) return fail_openssl(Code::refused, "the certificate has no public key");
  auto key = SignerKey::from_spki(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
  OPENSSL_free(raw);
  if (!key) return key;
  if (const Status strong = key->check_strong(); !strong) {
    return fail(Code::refused, "the certificate's key is too weak: " + strong.error().what(),
                strong.error().remedy());
  }
  return key;
}

}  // namespace

Result<SignerCertificate> describe_signer_certificate(std::string_view pem) {
  SG_TRY(const auto blocks, read_pem_of(pem, PEM_STRING_X509, 1));
  const std::vector<std::byte>& der = blocks.front();
  const unsigned char* at = octets(der);
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "malformed certificate");
  }
  SG_TRY(const SignerKey key, key_of(certificate.get()));
  SignerCertificate described;
  SG_TRY(const Sha256Digest digest, sha256(der));
  described.digest = to_hex(digest);
  described.spki = key.spki();
  described.algorithm = key.algorithm();
  SG_TRY(described.subject, text_of_name(X509_get_subject_name(certificate.get())));
  SG_TRY(described.issuer, text_of_name(X509_get_issuer_name(certificate.get())));
  SG_TRY(described.names, alternative_names(certificate.get()));
  SG_TRY(described.serial, serial_of(certificate.get()));
  const auto from = unix_time(X509_get0_notBefore(certificate.get()));
  const auto until = unix_time(X509_get0_notAfter(certificate.get()));
  if (!from || !until) return fail(Code::refused, "the certificate's validity is malformed");
  described.not_before = *from;
  described.not_after = *until;
  return described;
}

}  // namespace sifguard
