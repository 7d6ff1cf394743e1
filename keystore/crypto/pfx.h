// PFX files (PKCS#12, RFC 7292): a private key and its certificate under a password. Any privilege.
//
// They are written with PBES2 (PBKDF2-HMAC-SHA-256, AES-256-CBC) and a SHA-256 MAC. They are read
// with all algorithms of this OpenSSL, its legacy provider included, because Windows and older
// tools still write RC2 and 3DES; the file's MAC is always required.
#pragma once

#include <string>
#include <vector>

#include "keystore/crypto/rsa.h"

namespace sifguard {

struct Pfx {
  RsaPrivateKey key;
  Certificate certificate;  ///< the key's own; null when the file has none at all
};

/// Checks a password for write_pfx(). Errors: Code::usage if it is empty, or not one line of UTF-8.
Status check_pfx_password(const SecretBytes& password);

/// DER. `name` is the friendly name that other tools show. Errors: those of check_pfx_password();
/// Code::refused if the certificate is another key's.
[[nodiscard]] Result<std::vector<std::byte>> write_pfx(const RsaPrivateKey& key, X509& certificate,
                                                       const SecretBytes& password,
                                                       const std::string& name);

/// Whether `data` begins like a PFX: DER, not PEM. It does not mean that the file is valid.
[[nodiscard]] bool looks_like_der(std::span<const std::byte> data) noexcept;

/// A password beyond ASCII is tried as UTF-8, and as OpenSSL before 1.1 encoded it. Errors are
/// Code::refused: not a PFX, truncated, no MAC, wrong password, no key, several keys,
/// not RSA, certificates of other keys only.
[[nodiscard]] Result<Pfx> read_pfx(std::span<const std::byte> der, const SecretBytes& password);

}  // namespace sifguard
