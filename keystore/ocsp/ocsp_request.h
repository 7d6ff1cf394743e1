// OCSP requests (RFC 6960 4.1) as a responder reads them. Unprivileged; the bytes are hostile.
//
// Who asks is nobody's business: a signature is not looked at. A nonce (RFC 9654) has 1 to 128
// bytes. At most kMaxAsked certificates; no critical extension but the nonce.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

using OcspRequestHandle = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;

inline constexpr std::size_t kMaxOcspRequest = 8192;  ///< bytes
inline constexpr int kMaxAsked = 8;

struct OcspRequest {
  OcspRequestHandle handle;       ///< owns what follows
  std::vector<OCSP_CERTID*> ids;  ///< at least one
  bool has_nonce = false;
};

/// DER, whole. Errors: Code::refused.
[[nodiscard]] Result<OcspRequest> parse_ocsp_request(std::string_view der);

}  // namespace sifguard
