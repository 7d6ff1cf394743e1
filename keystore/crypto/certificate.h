// X.509 certificates around RSA keys. Any privilege.
//
// The certificate of a key is a label, not a proof: images are encrypted for the bare key. It
// exists because PFX files contain one and because existing configurations name a key by its SHA-1
// thumbprint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// Self-signed with SHA-256: CN = `name` (1 to 64 ASCII characters), valid from now for ten years,
/// not a CA, key usage keyEncipherment.
[[nodiscard]] Result<Certificate> make_certificate(const RsaPrivateKey& key, std::string_view name);

/// The same for a key of another type and with other uses ("critical,digitalSignature").
[[nodiscard]] Result<Certificate> make_certificate(EVP_PKEY* key, std::string_view name,
                                                   const char* usage);

/// SHA-1 of the DER certificate, 40 lower-case hexadecimal digits, no colons.
[[nodiscard]] Result<std::string> certificate_thumbprint(const X509& certificate);
[[nodiscard]] Result<std::string> certificate_pem(const X509& certificate);

/// Every certificate of a PEM file (other blocks are skipped) or the one of a DER file; at most 256
/// KiB and 64 certificates. Errors: Code::refused for none or a malformed one.
[[nodiscard]] Result<std::vector<Certificate>> parse_certificates(std::string_view data);

/// Whether the certificate is of this key.
[[nodiscard]] bool certificate_fits(const X509& certificate, const EVP_PKEY* key) noexcept;

}  // namespace sifguard
