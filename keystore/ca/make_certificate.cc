// Certificates as a CA signs them. Any privilege.
#include "keystore/ca/make_certificate.h"

#include <openssl/rand.h>

#include <array>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/ca/asn1_number.h"
#include "keystore/ca/general_name.h"

namespace sifguard {
namespace {

constexpr std::size_t kSerialBytes = 16;

/// Adds extensions one by one; what failed shows in the end.
class Extensions {
 public:
  Extensions(X509* certificate, X509* issuer) : certificate_(certificate) {
    X509V3_set_ctx(&context_, issuer, certificate, nullptr, nullptr, 0);
  }
  void add(int nid, const std::string& value) {
    const Owned<X509_EXTENSION, X509_EXTENSION_free> one(
        X509V3_EXT_conf_nid(nullptr, &context_, nid, value.c_str()));
    good_ = one && X509_add_ext(certificate_, one.get(), -1) == 1 && good_;
  }
  void add_object(int nid, void* object, bool critical) {
    good_ =
        X509_add1_ext_i2d(certificate_, nid, object, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1 &&
        good_;
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  X509* certificate_;
  X509V3_CTX context_{};
  bool good_ = true;
};

bool set_times(X509* certificate, const CertificateOptions& options) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<time_t>(options.from)) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<time_t>(options.until)) !=
             nullptr;
}

/// All but issuer, extensions and signature.
Result<Certificate> begin(const CertificateOptions& options) {
  SG_TRY(const Name subject, make_name(options.subject));
  SG_TRY(const Asn1Integer serial, asn1_from_hex(options.serial));
  Certificate certificate(X509_new());
  // OpenSSL takes a public key as non-const and only counts its owners.
  auto* const key = const_cast<EVP_PKEY*>(options.key);  // NOLINT(*-const-cast)
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_serialNumber(certificate.get(), serial.get()) != 1 ||
      X509_set_subject_name(certificate.get(), subject.get()) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1 || !set_times(certificate.get(), options)) {
    return fail_openssl(Code::internal, "cannot make a certificate");
  }
  return certificate;
}

std::string ca_constraints(const CertificateOptions& options) {
  std::string value = "critical,CA:TRUE";
  if (options.path_length) value += ",pathlen:" + std::to_string(*options.path_length);
  return value;
}

Status add_for_ca(Extensions& extensions, const CertificateOptions& options) {
  extensions.add(NID_basic_constraints, ca_constraints(options));
  SG_TRY(const NameConstraints constraints, make_constraints(options.permitted, options.excluded));
  if (constraints) extensions.add_object(NID_name_constraints, constraints.get(), true);
  return {};
}

Status add_for_end(Extensions& extensions, Profile profile, const CertificateOptions& options) {
  extensions.add(NID_basic_constraints, "critical,CA:FALSE");
  extensions.add(NID_ext_key_usage, extended_key_usage_of(profile));
  if (profile == Profile::ocsp) extensions.add(NID_id_pkix_OCSP_noCheck, "ignored");
  if (options.names.empty()) return {};
  SG_TRY(const GeneralNames names, make_general_names(options.names));
  extensions.add_object(NID_subject_alt_name, names.get(), false);
  return {};
}

void add_sources(Extensions& extensions, const CertificateOptions& options) {
  if (!options.crl_url.empty())
    extensions.add(NID_crl_distribution_points, "URI:" + options.crl_url);
  if (!options.ocsp_url.empty()) extensions.add(NID_info_access, "OCSP;URI:" + options.ocsp_url);
}

/// The CA's own key identifier. Apptainer takes a delegated answer only from a responder that has
/// it (it looks for the usage OCSPSigning on the signer's certificate); nobody else minds, as
/// answers name their responder by its subject.
Status add_responder_id(Extensions& extensions, X509* issuer) {
  const ASN1_OCTET_STRING* const id = X509_get0_subject_key_id(issuer);
  if (id == nullptr) return fail(Code::config, "the CA's certificate has no key identifier");
  auto* const copied = const_cast<ASN1_OCTET_STRING*>(id);  // NOLINT(*-const-cast): only encoded
  extensions.add_object(NID_subject_key_identifier, copied, false);
  return {};
}

Result<Certificate> sign(Certificate certificate, const X509_NAME* issuer, const CaKey& key,
                         bool good) {
  if (!good || X509_set_issuer_name(certificate.get(), issuer) != 1) {
    return fail_openssl(Code::internal, "cannot make a certificate");
  }
  SG_CHECK(key.sign(certificate.get()));
  return certificate;
}

}  // namespace

Result<Certificate> make_root(const CertificateOptions& options, const CaKey& key) {
  SG_TRY(Certificate root, begin(options));
  Extensions extensions(root.get(), root.get());
  SG_CHECK(add_for_ca(extensions, options));
  extensions.add(NID_key_usage, key_usage_of(Profile::intermediate, false));
  extensions.add(NID_subject_key_identifier, "hash");
  const X509_NAME* const subject = X509_get_subject_name(root.get());
  return sign(std::move(root), subject, key, extensions.good());
}

Result<Certificate> make_certificate(Profile profile, const CertificateOptions& options,
                                     const Issuer& issuer) {
  SG_TRY(Certificate certificate, begin(options));
  Extensions extensions(certificate.get(), issuer.certificate.get());
  if (profile == Profile::intermediate) {
    SG_CHECK(add_for_ca(extensions, options));
  } else {
    SG_CHECK(add_for_end(extensions, profile, options));
  }
  extensions.add(NID_key_usage, key_usage_of(profile, EVP_PKEY_is_a(options.key, "RSA") == 1));
  if (profile == Profile::ocsp) {
    SG_CHECK(add_responder_id(extensions, issuer.certificate.get()));
  } else {
    extensions.add(NID_subject_key_identifier, "hash");
  }
  extensions.add(NID_authority_key_identifier, "keyid:always");
  // Nobody is to ask whether a responder is revoked: it would have to answer for itself.
  if (profile != Profile::ocsp) add_sources(extensions, options);
  return sign(std::move(certificate), X509_get_subject_name(issuer.certificate.get()), issuer.key,
              extensions.good());
}

Result<std::string> random_serial() {
  std::array<std::byte, kSerialBytes> bytes{};
  do {
    if (RAND_bytes(writable_octets(bytes), static_cast<int>(bytes.size())) != 1) {
      return fail_openssl(Code::internal, "cannot get random bytes");
    }
  } while (bytes[0] == std::byte{0});  // so that all have the same number of digits
  return to_hex(bytes);
}

}  // namespace sifguard
