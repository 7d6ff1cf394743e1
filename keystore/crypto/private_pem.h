// Finding and opening the private key in a PEM file. Any privilege.
//
// Forms: PKCS#8 plain and encrypted ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", RFC 5958) and
// type-specific ("RSA PRIVATE KEY", "EC PRIVATE KEY"), plain or with the old Proc-Type encryption
// (RFC 1421). Blocks that are not private keys (certificates, parameters) are passed over.
#pragma once

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// The one private key in `pem`, of whatever type. With a password only a key that is encrypted
/// under it: a plain one is refused. Errors: Code::refused; a missing password and a wrong one are
/// told apart.
[[nodiscard]] Result<Pkey> read_private_pem(const SecretBytes& pem, const SecretBytes* password);

/// Whether a password will be needed, as far as the text tells.
[[nodiscard]] bool is_encrypted_pem(const SecretBytes& pem) noexcept;

}  // namespace sifguard
