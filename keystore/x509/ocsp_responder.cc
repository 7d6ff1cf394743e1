// Who signed an OCSP response, and whether it may answer for an issuer. Any privilege.
#include "keystore/x509/ocsp_responder.h"

#include <openssl/err.h>

#include <array>
#include <cstring>

#include "keystore/x509/asn1_time.h"
#include "keystore/x509/strength.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

/// Whether the response's responder id, a name or the SHA-1 of a key, is of this certificate.
bool is_named(const OCSP_BASICRESP* response, const X509* certificate) {
  const ASN1_OCTET_STRING* key_hash = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(response, &key_hash, &name) != 1) return false;
  if (name != nullptr) return X509_NAME_cmp(name, X509_get_subject_name(certificate)) == 0;
  std::array<unsigned char, EVP_MAX_MD_SIZE> own{};
  unsigned int size = 0;
  return key_hash != nullptr &&
         X509_pubkey_digest(certificate, EVP_sha1(), own.data(), &size) == 1 &&
         ASN1_STRING_length(key_hash) == static_cast<int>(size) &&
         std::memcmp(ASN1_STRING_get0_data(key_hash), own.data(), size) == 0;
}

bool is_signed_by(const OCSP_BASICRESP* response, EVP_PKEY* key) {
  const X509_ALGOR* const algorithm = OCSP_resp_get0_tbs_sigalg(response);
  return is_strong_signature(algorithm) && is_strong_key(key) &&
         ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), algorithm,
                          OCSP_resp_get0_signature(response), OCSP_resp_get0_respdata(response),
                          key) == 1;
}

bool is_issued_by(X509* certificate, X509* issuer) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return X509_check_issued(issuer, certificate) == X509_V_OK && is_strong_signature(algorithm) &&
         X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}

/// Valid now, with nothing in it that would have to be understood and is not.
bool is_in_order(X509* certificate, std::int64_t now) {
  X509_check_purpose(certificate, -1, 0);
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  const auto from = unix_time(X509_get0_notBefore(certificate));
  const auto until = unix_time(X509_get0_notAfter(certificate));
  return (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 && from && until && *from <= now &&
         now <= *until;
}

bool is_delegate(X509* certificate, X509* issuer, const CrlSet& crls, std::int64_t now) {
  return is_in_order(certificate, now) && is_for_ocsp_signing(certificate) &&
         is_issued_by(certificate, issuer) &&
         crls.find(certificate, issuer, now).state != RevocationFinding::State::revoked;
}

}  // namespace

std::int64_t signed_for(const OCSP_BASICRESP* response, X509* issuer, const CrlSet& crls,
                        std::int64_t now) {
  std::int64_t until = 0;
  if (is_named(response, issuer) && is_signed_by(response, X509_get0_pubkey(issuer))) {
    until = kForever;
  }
  const STACK_OF(X509)* const carried = OCSP_resp_get0_certs(response);
  for (int i = 0; until == 0 && i < sk_X509_num(carried); ++i) {
    X509* const responder = sk_X509_value(carried, i);
    if (is_named(response, responder) && is_delegate(responder, issuer, crls, now) &&
        is_signed_by(response, X509_get0_pubkey(responder))) {
      until = *unix_time(X509_get0_notAfter(responder));
    }
  }
  ERR_clear_error();
  return until;
}

}  // namespace sifguard
