// Whether a certificate is revoked, from given CRLs and OCSP responses. Any privilege; their bytes
// are hostile, the issuer's certificate is verified.
#pragma once

#include "keystore/x509/crl_check.h"
#include "keystore/x509/ocsp_check.h"
#include "keystore/x509/verdict.h"

namespace sifguard {

/// The result of both sources under `mode` for `certificate`, issued by `issuer`: revoked if any
/// fresh source says so; good with the proof that the mode requires; else unknown.
[[nodiscard]] RevocationFinding check_revocation(X509* certificate, X509* issuer, Revocation mode,
                                                 const CrlSet& crls, const OcspSet& ocsp,
                                                 std::int64_t now);

}  // namespace sifguard
