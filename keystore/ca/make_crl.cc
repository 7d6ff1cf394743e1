// Revocation lists as a CA signs them. Any privilege.
#include <openssl/pem.h>

#include <array>
#include <cstdint>

#include "keystore/ca/asn1_number.h"
#include "keystore/ca/make_certificate.h"

namespace sifguard {
namespace {

using Revoked = Owned<X509_REVOKED, X509_REVOKED_free>;

tl::unexpected<Error> cannot() {
  return fail_openssl(Code::internal, "cannot make a revocation list");
}

Status add_reason(X509_REVOKED* entry, std::string_view name) {
  const int reason = crl_reason(name);
  if (reason == 0) return {};  // RFC 5280 5.3.1: unspecified is left out
  const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> value(ASN1_ENUMERATED_new());
  if (!value || ASN1_ENUMERATED_set(value.get(), reason) != 1 ||
      X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return cannot();
  }
  return {};
}

Status add_entry(X509_CRL* crl, const RevokedEntry& revoked) {
  SG_TRY(const Asn1Integer serial, asn1_from_hex(revoked.serial));
  SG_TRY(const Asn1Time at, asn1_time(revoked.at));
  Revoked entry(X509_REVOKED_new());
  if (!entry || X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), at.get()) != 1) {
    return cannot();
  }
  SG_CHECK(add_reason(entry.get(), revoked.reason));
  if (X509_CRL_add0_revoked(crl, entry.get()) != 1) return cannot();
  entry.release();  // NOLINT(bugprone-unused-return-value): the list owns it
  return {};
}

Status add_extensions(X509_CRL* crl, std::int64_t number, X509* issuer) {
  SG_TRY(const Asn1Integer value, asn1_from_int(number));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, crl, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> key_id(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  if (!key_id || X509_CRL_add_ext(crl, key_id.get(), -1) != 1 ||
      X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return cannot();
  }
  return {};
}

}  // namespace

int crl_reason(std::string_view name) noexcept {
  struct Known {
    std::string_view name;
    int code;
  };
  constexpr std::array<Known, 7> kKnown = {
      {{"keyCompromise", CRL_REASON_KEY_COMPROMISE},
       {"cACompromise", CRL_REASON_CA_COMPROMISE},
       {"affiliationChanged", CRL_REASON_AFFILIATION_CHANGED},
       {"superseded", CRL_REASON_SUPERSEDED},
       {"cessationOfOperation", CRL_REASON_CESSATION_OF_OPERATION},
       {"privilegeWithdrawn", CRL_REASON_PRIVILEGE_WITHDRAWN},
       {"aACompromise", CRL_REASON_AA_COMPROMISE}}};
  for (const Known& known : kKnown) {
    if (known.name == name) return known.code;
  }
  return CRL_REASON_UNSPECIFIED;
}

Result<CertificateRevocationList> make_crl(const CrlOptions& options, const Issuer& issuer) {
  CertificateRevocationList crl(X509_CRL_new());
  SG_TRY(const Asn1Time from, asn1_time(options.from));
  SG_TRY(const Asn1Time until, asn1_time(options.until));
  if (!crl || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get())) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), from.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), until.get()) != 1) {
    return cannot();
  }
  for (const RevokedEntry& revoked : options.revoked) SG_CHECK(add_entry(crl.get(), revoked));
  SG_CHECK(add_extensions(crl.get(), options.number, issuer.certificate.get()));
  if (X509_CRL_sort(crl.get()) != 1) return cannot();
  SG_CHECK(issuer.key.sign(crl.get()));
  return crl;
}

Result<std::string> crl_pem(const X509_CRL* crl) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509_CRL(bio.get(), crl) != 1) return cannot();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Result<std::string> crl_der(const X509_CRL* crl) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(crl, &der);
  if (size <= 0) return cannot();
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace sifguard
