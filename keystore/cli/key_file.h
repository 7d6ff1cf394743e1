// Opening a key file that the admin brings: PFX, PEM, certificates. Runs with the rights of the
// admin; nothing is stored here.
#pragma once

#include <optional>

#include "keystore/crypto/rsa.h"

namespace sifguard {

struct KeyFile {
  std::optional<RsaPrivateKey> private_key;  ///< absent: a public half alone
  std::optional<RsaPublicKey> public_key;    ///< present if private_key is absent
  Certificate certificate;                   ///< of this key; may be null
};

/// Whether the file can be opened with a password only: every PFX (if only an empty one), and
/// encrypted PEM.
[[nodiscard]] bool wants_password(const SecretBytes& data) noexcept;

/// A PFX or PEM file with a private key, whose numbers are checked to fit together. Errors:
/// Code::refused: no such file, wrong password, not RSA, weak, several keys, a certificate that is
/// of none of them.
[[nodiscard]] Result<KeyFile> open_private_file(const SecretBytes& data,
                                                const SecretBytes* password);
/// A public key as PEM (SubjectPublicKeyInfo or PKCS#1), or a certificate as PEM or DER. Errors:
/// Code::refused, among them a file that holds a private key.
[[nodiscard]] Result<KeyFile> open_public_file(const SecretBytes& data);
/// Looks in `data` (PEM or DER certificates) for the one of this key. Errors: Code::refused.
Status add_certificate(KeyFile& key, const SecretBytes& data);

}  // namespace sifguard
