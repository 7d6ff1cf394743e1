// Opens a key file of the admin: PFX, PEM, certificates. Runs with the rights of the admin; nothing
// is stored here.
#pragma once

#include <optional>

#include "keystore/crypto/rsa.h"

namespace sifguard {

struct KeyFile {
  std::optional<RsaPrivateKey> private_key;  ///< absent: only the public half
  std::optional<RsaPublicKey> public_key;    ///< present if private_key is absent
  Certificate certificate;                   ///< of this key; may be null
};

/// Whether opening the file requires a password, which may be empty: true for every PFX, and for
/// encrypted PEM.
[[nodiscard]] bool wants_password(const SecretBytes& data) noexcept;

/// Opens a PFX or PEM file with a private key, and checks that its numbers are consistent. Errors:
/// Code::refused: not such a file, wrong password, not RSA, weak, several keys, or a certificate of
/// another key.
[[nodiscard]] Result<KeyFile> open_private_file(const SecretBytes& data,
                                                const SecretBytes* password);
/// A public key as PEM (SubjectPublicKeyInfo or PKCS#1), or a certificate as PEM or DER. Errors:
/// Code::refused, also for a file with a private key.
[[nodiscard]] Result<KeyFile> open_public_file(const SecretBytes& data);
/// Finds the certificate of this key in `data` (PEM or DER certificates). Errors: Code::refused.
Status add_certificate(KeyFile& key, const SecretBytes& data);

}  // namespace sifguard
