// Files of CA certificates and revocation lists, taken apart for the keystore. Any privilege.
#include "keystore/x509/trust_file.h"

#include <openssl/pem.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/pem.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/crl_form.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/handles.h"

namespace sifguard {
namespace {

using Asn1Integer = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;

Result<std::string> digest_of(std::span<const std::byte> bytes) {
  SG_TRY(const Sha256Digest digest, sha256(bytes));
  return to_hex(digest);
}

Result<TrustFile> read_ca(const std::vector<std::byte>& der, bool anchor) {
  const unsigned char* at = octets(der);
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "malformed certificate");
  }
  TrustFile file;
  SG_TRY(file.subject, text_of_name(X509_get_subject_name(certificate.get())));
  const std::string shown = "the certificate '" + file.subject + "' ";
  // 1 and nothing else: a version 3 certificate whose basic constraints say CA.
  if (X509_check_ca(certificate.get()) != 1) {
    return fail(Code::refused, shown + "is not a CA's",
                "a signer's own certificate goes to `sifctl signer add`");
  }
  if (anchor && X509_self_signed(certificate.get(), 1) != 1) {
    return fail(Code::refused, shown + "is not self-signed, so it is no trust anchor",
                "add its root, and this one as an intermediate");
  }
  const auto from = unix_time(X509_get0_notBefore(certificate.get()));
  const auto until = unix_time(X509_get0_notAfter(certificate.get()));
  if (!from || !until) return fail(Code::refused, shown + "has a malformed validity");
  file.from = *from;
  file.until = *until;
  SG_TRY(file.pem, certificate_pem(*certificate));
  SG_TRY(file.name, digest_of(der));
  return file;
}

constexpr std::size_t kMaxCounted = 64;  // of the lists in one file

Result<CertificateRevocationList> parse_list(std::string_view data) {
  std::vector<std::byte> der;
  if (is_pem(data)) {
    SG_TRY(auto blocks, read_pem_of(data, PEM_STRING_X509_CRL, kMaxCounted));
    if (blocks.size() > 1) {
      return fail(Code::refused,
                  "there are " + std::to_string(blocks.size()) + " lists in one file",
                  "publish each under a URL of its own: sifctl ca crl --authority root and "
                  "--authority intermediate");
    }
    der = std::move(blocks.front());
  } else {
    const auto bytes = as_bytes(data);
    der.assign(bytes.begin(), bytes.end());
  }
  const unsigned char* at = octets(der);
  CertificateRevocationList list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!list || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "not a certificate revocation list");
  }
  return list;
}

Result<std::string> list_pem(X509_CRL* list) {
  const Bio bio(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!bio || PEM_write_bio_X509_CRL(bio.get(), list) != 1) {
    return fail_openssl(Code::internal, "cannot write a revocation list");
  }
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

/// Of the issuer's name.
Result<std::string> issuer_digest(const X509_CRL* list) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509_NAME(X509_CRL_get_issuer(list), &raw);
  if (size <= 0) return fail_openssl(Code::refused, "the revocation list has no issuer");
  auto digest = digest_of(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
  OPENSSL_free(raw);
  return digest;
}

std::string number_of(const X509_CRL* list) {
  constexpr std::size_t kDigits = 40;
  const Asn1Integer number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr)));
  if (!number || ASN1_STRING_type(number.get()) != V_ASN1_INTEGER) return {};  // or negative
  const std::string digits =
      to_hex(std::as_bytes(std::span(ASN1_STRING_get0_data(number.get()),
                                     static_cast<std::size_t>(ASN1_STRING_length(number.get())))));
  return digits.size() > kDigits ? std::string()
                                 : std::string(kDigits - digits.size(), '0') + digits;
}

}  // namespace

Result<std::vector<TrustFile>> read_ca_certificates(std::string_view pem, bool anchors) {
  SG_TRY(const auto blocks, read_pem_of(pem, PEM_STRING_X509, kMaxTrustCertificates));
  std::vector<TrustFile> files;
  for (const auto& der : blocks) {
    SG_TRY(TrustFile file, read_ca(der, anchors));
    files.push_back(std::move(file));
  }
  return files;
}

Result<TrustFile> read_revocation_list(std::string_view data) {
  SG_TRY(const CertificateRevocationList list, parse_list(data));
  TrustFile file;
  SG_TRY(file.subject, text_of_name(X509_CRL_get_issuer(list.get())));
  const auto from = unix_time(X509_CRL_get0_lastUpdate(list.get()));
  const auto until = unix_time(X509_CRL_get0_nextUpdate(list.get()));
  if (!from || !until) {
    return fail(Code::refused,
                "the revocation list of '" + file.subject + "' does not say until when it is valid",
                "its issuer must set nextUpdate");
  }
  file.from = *from;
  file.until = *until;
  const STACK_OF(X509_REVOKED)* const revoked = X509_CRL_get_REVOKED(list.get());
  file.number = number_of(list.get());
  file.revoked = revoked == nullptr ? 0 : static_cast<std::size_t>(sk_X509_REVOKED_num(revoked));
  file.scope = scope_bytes(list.get());
  file.shown_scope = scope_of_list(list.get());
  SG_TRY(file.pem, list_pem(list.get()));
  SG_TRY(file.name, issuer_digest(list.get()));
  return file;
}

}  // namespace sifguard
