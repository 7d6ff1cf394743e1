// X.509 certificates around RSA keys. Any privilege.
#include "keystore/crypto/certificate.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr int kDays = 10 * 365 + 3;  // ten years, whatever leap days are in them
constexpr std::size_t kMaxCertificates = 64;

bool set_serial(X509* certificate) {
  // 159 random bits: positive in 20 octets, as RFC 5280 4.1.2.2 wants.
  const Owned<BIGNUM, BN_free> number(BN_new());
  return number && BN_rand(number.get(), 159, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, std::string_view name, const char* usage) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), kDays, 0, nullptr) != nullptr &&
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, octets(as_bytes(name)),
                                    static_cast<int>(name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, usage) &&
         add_extension(certificate, NID_subject_key_identifier, "hash") &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

Result<std::vector<Certificate>> parse_pem(std::string_view data) {
  std::vector<Certificate> all;
  const Bio bio = view_bio(as_bytes(data));
  if (!bio) return fail_openssl(Code::temporary, "cannot read a PEM file");
  ERR_clear_error();
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (all.size() == kMaxCertificates) return fail(Code::refused, "too many certificates");
    all.push_back(std::move(next));
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!ended) return fail_openssl(Code::refused, "malformed certificate");
  ERR_clear_error();
  if (all.empty()) return fail(Code::refused, "no certificate in the PEM file");
  return all;
}

}  // namespace

Result<Certificate> make_certificate(const RsaPrivateKey& key, std::string_view name) {
  return make_certificate(key.handle(), name, "critical,keyEncipherment");
}

Result<Certificate> make_certificate(EVP_PKEY* key, std::string_view name, const char* usage) {
  if (name.empty() || name.size() > 64) {
    return fail(Code::usage, "a certificate's name has 1 to 64 characters");
  }
  Certificate certificate(X509_new());
  if (!certificate || !fill(certificate.get(), key, name, usage)) {
    return fail_openssl(Code::internal, "cannot make a certificate");
  }
  return certificate;
}

Result<std::string> certificate_thumbprint(const X509& certificate) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha1(), writable_octets(digest), &size) != 1) {
    return fail_openssl(Code::internal, "cannot compute the thumbprint of a certificate");
  }
  return to_hex(std::span(digest).first(size));
}

Result<std::string> certificate_pem(const X509& certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!bio || PEM_write_bio_X509(bio.get(), &certificate) != 1) {
    return fail_openssl(Code::internal, "cannot encode a certificate");
  }
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Result<std::vector<Certificate>> parse_certificates(std::string_view data) {
  if (data.size() > kMaxKeyFile) return fail(Code::refused, "the certificate file is too large");
  if (data.find("-----BEGIN ") != std::string_view::npos) return parse_pem(data);
  const unsigned char* at = octets(as_bytes(data));
  const unsigned char* const end = at + data.size();
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(data.size())));
  if (!certificate || at != end) {
    return fail_openssl(Code::refused, "neither a PEM nor a DER certificate");
  }
  std::vector<Certificate> all;
  all.push_back(std::move(certificate));
  return all;
}

bool certificate_fits(const X509& certificate, const EVP_PKEY* key) noexcept {
  const EVP_PKEY* const own = X509_get0_pubkey(&certificate);
  const bool fits = own != nullptr && key != nullptr && EVP_PKEY_eq(own, key) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace sifguard
