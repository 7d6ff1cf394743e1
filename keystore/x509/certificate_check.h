// Whether a signer's certificate may be believed. Any privilege; the certificate is hostile, trust
// anchors and revocation data are what the caller trusts or fetched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/x509/certificate_path.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/ocsp_check.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

/// What certificates are judged by.
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

/// Why no launch can ever take the certificate, whatever CAs, lists and answers are added: a clause
/// without subject ("is not for code signing"). By the same checks as above, but that it is its own
/// anchor. "" where it depends on what else there is, or on time to come. Errors: as above.
[[nodiscard]] Result<std::string> why_never_good(std::string_view pem, std::int64_t now);

}  // namespace sifguard
