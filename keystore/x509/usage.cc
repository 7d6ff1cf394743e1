// What a certificate may be used for. Any privilege.
#include "keystore/x509/usage.h"

#include <cstdint>

namespace sifguard {
namespace {

/// OpenSSL gives all bits when there is no key usage.
bool has_key_usage(X509* certificate, std::uint32_t bit) {
  return (X509_get_key_usage(certificate) & bit) != 0;
}

/// An absent extension counts as none.
bool has_extended_usage(X509* certificate, std::uint32_t bits) {
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(certificate) & bits) != 0;
}

/// By its basic constraints, or by anything else that others may take for a CA's.
bool is_ca(X509* certificate) {
  return X509_check_ca(certificate) != 0 ||
         (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
}

}  // namespace

std::string why_not_for_code_signing(X509* certificate) {
  if (is_ca(certificate)) return "is a CA's, not a signer's";
  if (!has_extended_usage(certificate, XKU_CODE_SIGN)) return "is not for code signing";
  if (!has_key_usage(certificate, KU_DIGITAL_SIGNATURE)) return "is not for digital signatures";
  return {};
}

bool may_issue_for_code_signing(X509* certificate) noexcept {
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0 ||
         has_extended_usage(certificate, XKU_CODE_SIGN | XKU_ANYEKU);
}

bool is_for_ocsp_signing(X509* certificate) noexcept {
  return !is_ca(certificate) && has_extended_usage(certificate, XKU_OCSP_SIGN) &&
         has_key_usage(certificate, KU_DIGITAL_SIGNATURE);
}

bool may_sign_crls(X509* certificate) noexcept {
  return has_key_usage(certificate, KU_CRL_SIGN);
}

}  // namespace sifguard
