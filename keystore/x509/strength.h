// Which keys and signature algorithms of certification authorities are accepted. Any privilege.
#pragma once

#include <openssl/x509.h>

namespace sifguard {

/// OpenSSL's security level 2: RSA from 2048 bits, curves from 224 bits.
inline constexpr int kSecurityLevel = 2;
inline constexpr int kSecurityBits = 112;

/// True for RSA (PKCS#1 v1.5 or PSS) or ECDSA with SHA-256, SHA-384 or SHA-512; Ed25519, Ed448.
[[nodiscard]] bool is_strong_signature(const X509_ALGOR* algorithm) noexcept;
/// True for a key of at least kSecurityBits, of a type whose signatures can be strong; RSA with an
/// exponent of at least kLeastExponent.
[[nodiscard]] bool is_strong_key(const EVP_PKEY* key) noexcept;

}  // namespace sifguard
