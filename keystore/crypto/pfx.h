// PFX files (PKCS#12, RFC 7292): a private key and its certificate under a password. Any privilege.
//
// Written with PBES2 (PBKDF2-HMAC-SHA-256, AES-256-CBC) and a SHA-256 MAC. Read with whatever this
// OpenSSL knows, its legacy provider included, because Windows and older tools still write RC2 and
// 3DES; the file's own MAC is demanded in every case.
#pragma once

#include <string>
#include <vector>

#include "keystore/crypto/rsa.h"

namespace sifguard {

struct Pfx {
  RsaPrivateKey key;
  Certificate certificate;  ///< the key's own; null when the file has none at all
};

/// What write_pfx() asks of a password. Errors: Code::usage if it is empty, or not one line of
/// UTF-8.
Status check_pfx_password(const SecretBytes& password);

/// DER. `name` is the friendly name shown by other tools. Errors: those of
/// check_pfx_password(); Code::refused if the certificate is another key's.
[[nodiscard]] Result<std::vector<std::byte>> write_pfx(const RsaPrivateKey& key, X509& certificate,
                                                       const SecretBytes& password,
                                                       const std::string& name);

/// Whether `data` begins as a PFX does: DER, not PEM. Says nothing about its soundness.
[[nodiscard]] bool looks_like_der(std::span<const std::byte> data) noexcept;

/// A password beyond ASCII is tried as UTF-8, and as OpenSSL before 1.1 encoded it. Errors are
/// Code::refused: not a PFX, truncated, no MAC, wrong password, no key, several keys,
/// not RSA, certificates of other keys only.
[[nodiscard]] Result<Pfx> read_pfx(std::span<const std::byte> der, const SecretBytes& password);

}  // namespace sifguard
