// OCSP requests (RFC 6960 4.1) as a responder reads them. Unprivileged; the bytes are hostile.
//
// The sender does not matter, so a signature of a request is ignored. A nonce (RFC 9654) has 1 to
// 128 bytes. There are at most kMaxAsked certificates, and no critical extension except the nonce.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

using OcspRequestHandle = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;

inline constexpr std::size_t kMaxOcspRequest = 8192;  ///< bytes
inline constexpr int kMaxAsked = 8;

struct OcspRequest {
  OcspRequestHandle handle;       ///< owns the fields below
  std::vector<OCSP_CERTID*> ids;  ///< at least one
  bool has_nonce = false;
};

/// `der`: exactly one request. Errors: Code::refused.
[[nodiscard]] Result<OcspRequest> parse_ocsp_request(std::string_view der);

}  // namespace sifguard
