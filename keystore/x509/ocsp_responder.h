// Who signed an OCSP response, and whether it may answer for an issuer. Any privilege.
#pragma once

#include <cstdint>

#include "keystore/x509/crl_check.h"

namespace sifguard {

/// What `issuer` itself or a responder delegated by it signed holds until then, Unix seconds: the
/// end of the responder's certificate, or of all time. 0 when nobody entitled signed it.
[[nodiscard]] std::int64_t signed_for(const OCSP_BASICRESP* response, X509* issuer,
                                      const CrlSet& crls, std::int64_t now);

}  // namespace sifguard
