// Finds and opens the private key in a PEM file. Any privilege.
//
// Forms: PKCS#8 plain and encrypted ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", RFC 5958) and
// type-specific ("RSA PRIVATE KEY", "EC PRIVATE KEY"), plain or with the old Proc-Type encryption
// (RFC 1421). Blocks that are not private keys (certificates, parameters) are skipped.
#pragma once

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// The only private key in `pem`, of any type. With a password, the key must be encrypted under it:
/// a plain one is refused. Errors: Code::refused, with different texts for a missing and a wrong
/// password.
[[nodiscard]] Result<Pkey> read_private_pem(const SecretBytes& pem, const SecretBytes* password);

/// Whether a password will be needed, as far as the text shows.
[[nodiscard]] bool is_encrypted_pem(const SecretBytes& pem) noexcept;

}  // namespace sifguard
