// Whether a signer's certificate can be trusted. Any privilege; the certificate is hostile; trust
// anchors and revocation data are those that the caller trusts or fetched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/x509/certificate_path.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/ocsp_check.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

/// The rules for judging certificates.
struct CertificateRules {
  TrustAnchors anchors;
  CrlSet crls;
  OcspSet ocsp;
  Revocation revocation = Revocation::off;
  std::int64_t now = 0;  ///< Unix seconds
};

/// A verdict for one PEM certificate, as complete as its bytes allow, and its public key in DER
/// ("" when malformed). Errors: Code::internal, Code::temporary when memory is short.
struct JudgedCertificate {
  CertificateVerdict verdict;
  std::string public_key;
};
[[nodiscard]] Result<JudgedCertificate> check_certificate(std::string_view pem,
                                                          const CertificateRules& rules);

/// Why no launch can ever accept the certificate, whatever CAs, lists and responses are added: a
/// clause without subject ("is not for code signing"). It makes the same checks as above, with the
/// certificate as its own anchor. "" if the result depends on other files, or on the future.
/// Errors: as above.
[[nodiscard]] Result<std::string> why_never_good(std::string_view pem, std::int64_t now);

}  // namespace sifguard
