// What a signer's certificate says about itself; it is not judged here. Any privilege.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct SignerCertificate {
  std::string digest;              ///< SHA-256 of the DER certificate, 64 lower-case digits
  std::string spki;                ///< SHA-256 of its SubjectPublicKeyInfo, the same form
  std::string subject;             ///< RFC 2253 (keystore/policy/subject_name.h); may be ""
  std::string issuer;              ///< the same form
  std::vector<std::string> names;  ///< "email:…", "dns:…", "uri:…"
  std::string serial;              ///< lower-case hexadecimal
  std::string algorithm;           ///< of its key: "rsa3072", "p-256", "ed25519"
  std::int64_t not_before = 0;     ///< Unix seconds
  std::int64_t not_after = 0;
};

/// Exactly one PEM certificate. Errors: Code::refused when it is malformed, or its key cannot make
/// signatures that count.
[[nodiscard]] Result<SignerCertificate> describe_signer_certificate(std::string_view pem);

}  // namespace sifguard
