// Requests to an OCSP responder about one certificate (RFC 6960 4.1). Any privilege.
#pragma once

#include <string>

#include "keystore/x509/handles.h"

namespace sifguard {

/// How issuer and certificate are identified in a request. Old responders support only SHA-1 (RFC
/// 5019); the hashes only identify and prove nothing.
enum class OcspIdHash { sha256, sha1 };

struct OcspQuestion {
  std::string request;         ///< DER OCSPRequest, unsigned, without a nonce
  std::string certificate_id;  ///< DER CertID, which an answer repeats
};

/// Errors: Code::internal.
[[nodiscard]] Result<OcspQuestion> ask_about(const X509* certificate, const X509* issuer,
                                             OcspIdHash hash);

/// Whether the bytes look like an answer "good" or "revoked" to it, so that another request is
/// unnecessary. This proves nothing; ocsp_check.h does.
[[nodiscard]] bool seems_to_answer(std::string_view response, const OcspQuestion& question);

}  // namespace sifguard
