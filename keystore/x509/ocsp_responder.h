// Who signed an OCSP response, and whether the signer may answer for an issuer. Any privilege.
#pragma once

#include <cstdint>

#include "keystore/x509/crl_check.h"

namespace sifguard {

/// Until when the signature is valid, Unix seconds: until the responder's certificate expires, or
/// for ever if `issuer` itself signed it. 0 when neither `issuer` nor a responder delegated by it
/// signed it.
[[nodiscard]] std::int64_t signed_for(const OCSP_BASICRESP* response, X509* issuer,
                                      const CrlSet& crls, std::int64_t now);

}  // namespace sifguard
