// What a certificate may be used for. Any privilege.
#pragma once

#include "keystore/x509/handles.h"

namespace sifguard {

/// Whether it may sign images: extended key usage codeSigning, digitalSignature if there is a key
/// usage, not a CA. "" if it may; else a clause that says what is wrong ("is not for code
/// signing").
[[nodiscard]] std::string why_not_for_code_signing(X509* certificate);

/// Whether a CA with this certificate may issue such certificates: it has no extended key usage, or
/// one that includes codeSigning or anyExtendedKeyUsage.
[[nodiscard]] bool may_issue_for_code_signing(X509* certificate) noexcept;

/// Whether it may sign OCSP responses for its issuer (RFC 6960 4.2.2.2): extended key usage
/// OCSPSigning, digitalSignature if there is a key usage, not a CA.
[[nodiscard]] bool is_for_ocsp_signing(X509* certificate) noexcept;

/// Whether the key usage, if there is one, has cRLSign.
[[nodiscard]] bool may_sign_crls(X509* certificate) noexcept;

}  // namespace sifguard
