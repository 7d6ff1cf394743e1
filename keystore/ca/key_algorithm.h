// The kinds of keys that a CA makes. Any privilege.
#pragma once

#include <optional>
#include <string_view>

#include "keystore/crypto/rsa.h"

namespace sifguard {

enum class KeyAlgorithm { p256, p384, ed25519, rsa3072, rsa4096 };

/// As key_algorithm_from() takes them, separated by '|'.
inline constexpr const char* kKeyAlgorithms = "p-256|p-384|ed25519|rsa3072|rsa4096";
[[nodiscard]] std::optional<KeyAlgorithm> key_algorithm_from(std::string_view name) noexcept;

/// Generating an RSA key takes seconds. Errors: Code::internal.
[[nodiscard]] Result<Pkey> generate_key(KeyAlgorithm algorithm);

/// The hash of this key's signatures in certificates and lists: SHA-384 for P-384, else SHA-256;
/// null for Ed25519 and Ed448, which include a hash.
[[nodiscard]] const EVP_MD* signature_hash(const EVP_PKEY* key) noexcept;

/// PKCS#8 PEM, encrypted (PBES2: PBKDF2-HMAC-SHA-256, AES-256-CBC) when there is a password.
[[nodiscard]] Result<SecretBytes> private_key_pem(const EVP_PKEY* key, const SecretBytes* password);

/// Checks that every verifier of sifguard accepts the key: P-256, P-384, P-521, Ed25519, or RSA of
/// 2048 to 8192 bits with a valid public exponent. Errors: Code::refused.
Status check_key_kind(const EVP_PKEY* key);

/// SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits.
[[nodiscard]] Result<std::string> spki_digest(const EVP_PKEY* key);

}  // namespace sifguard
