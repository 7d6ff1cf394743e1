// How configurations name the certificate that an image is encrypted for. Pure.
#include "keystore/policy/thumbprint.h"

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"

namespace sifguard {

Result<std::string> read_thumbprint(const YamlView& certificate) {
  constexpr std::size_t kDigits = 40;
  constexpr std::size_t kSha256Digits = 64;
  SG_CHECK(certificate.only_fields({"sha1_thumbprint"}));
  SG_TRY(const YamlView field, certificate.required("sha1_thumbprint"));
  SG_TRY(const std::string text, field.text());
  const std::string digits = to_lower(pasted_hex(text));
  if (pasted_of(text) == PastedOf::openpgp) {
    return field.error("the fingerprint of an OpenPGP key, not a certificate's thumbprint",
                       "openssl x509 -noout -fingerprint -sha1 shows it");
  }
  const bool hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (hexadecimal && digits.size() == kDigits) return digits;
  return field.error("not a SHA-1 thumbprint",
                     hexadecimal && digits.size() == kSha256Digits
                         ? "it looks like one of SHA-256: openssl x509 -noout -fingerprint -sha1"
                         : "write its 40 hexadecimal digits");
}

}  // namespace sifguard
