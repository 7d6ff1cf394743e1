// Keys that live in a PKCS#11 token, through the program sifguard-token: RSA to decrypt with, RSA
// or EC to sign with. Any privilege; in particular, nothing of a token is loaded into this process.
#pragma once

#include <string>
#include <string_view>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// `pkcs11:…` (RFC 7512) on one line, without a PIN: that stands in the file that pin-source names.
/// Errors: Code::usage.
Status check_token_uri(std::string_view uri);

/// The public half. Errors: Code::unavailable, with the words of sifguard-token.
[[nodiscard]] Result<RsaPublicKey> token_public_key(const std::string& uri);
/// See RsaPrivateKey::decrypt_oaep(). Errors: Code::unavailable.
[[nodiscard]] Result<SecretBytes> token_decrypt_oaep(const std::string& uri,
                                                     std::span<const std::byte> cipher,
                                                     std::string_view label = {});

/// The public half of a key that signs. Errors: Code::unavailable.
[[nodiscard]] Result<Pkey> token_signer_half(const std::string& uri);
/// A signature as in certificates over `digest`, of SHA-256 or SHA-384. Nobody has verified it.
/// Errors: Code::unavailable.
[[nodiscard]] Result<std::string> token_sign(const std::string& uri,
                                             std::span<const std::byte> digest);

}  // namespace sifguard
