// Asking an OCSP responder about one certificate (RFC 6960 4.1). Any privilege.
#pragma once

#include <string>

#include "keystore/x509/handles.h"

namespace sifguard {

/// How issuer and certificate are named to the responder. Old ones know SHA-1 alone (RFC 5019);
/// these names identify, they prove nothing.
enum class OcspIdHash { sha256, sha1 };

struct OcspQuestion {
  std::string request;         ///< DER OCSPRequest, unsigned, without a nonce
  std::string certificate_id;  ///< DER CertID: what an answer repeats
};

/// Errors: Code::internal.
[[nodiscard]] Result<OcspQuestion> ask_about(const X509* certificate, const X509* issuer,
                                             OcspIdHash hash);

/// Whether the bytes look as if they said good or revoked about it: reason enough not to ask again.
/// Proves nothing; ocsp_check.h does.
[[nodiscard]] bool seems_to_answer(std::string_view response, const OcspQuestion& question);

}  // namespace sifguard
