// RSA key pairs: making, reading, writing, and RSA-OAEP. Any privilege; OpenSSL 3 underneath.
//
// Private material is held by OpenSSL (EVP_PKEY) and by SecretBytes only. Formats: PKCS#1
// (RFC 8017 A.1), PKCS#8 plain or encrypted (RFC 5958), PKCS#12/PFX (RFC 7292),
// SubjectPublicKeyInfo (RFC 5280 4.1).
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/secret.h"

namespace sifguard {

struct PkeyDeleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
  void operator()(X509* cert) const noexcept { X509_free(cert); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

/// The public half of an RSA key of 2048 to 8192 bits.
class RsaPublicKey {
 public:
  /// Reads SubjectPublicKeyInfo or PKCS#1 PEM. Errors: Code::refused, which says which type it is.
  [[nodiscard]] static Result<RsaPublicKey> from_pem(std::string_view pem);
  [[nodiscard]] static Result<RsaPublicKey> from_pkey(const EVP_PKEY* key);  ///< shares, checks

  [[nodiscard]] int bits() const noexcept;
  [[nodiscard]] std::size_t modulus_bytes() const noexcept;
  /// For keys that are added to a keystore. Errors: Code::refused for an exponent below 65537.
  Status check_exponent() const;
  /// SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits: the key's id.
  [[nodiscard]] Result<std::string> id() const;
  [[nodiscard]] Result<std::string> spki_pem() const;
  [[nodiscard]] Result<std::string> pkcs1_pem() const;
  /// RSA-OAEP, SHA-256 and MGF1-SHA-256; at most modulus_bytes()-66 bytes. Data that is encrypted
  /// with one label (RFC 8017 7.1) decrypts with no other; runtimes use no label.
  [[nodiscard]] Result<std::vector<std::byte>> encrypt_oaep(std::span<const std::byte> plain,
                                                            std::string_view label = {}) const;

 private:
  friend class RsaPrivateKey;
  explicit RsaPublicKey(Pkey key) : key_(std::move(key)) {}
  Pkey key_;
};

/// An RSA key pair of 2048 to 8192 bits, whose private half is in memory, or stays in a PKCS#11
/// token that decrypts with it (token_key.h).
class RsaPrivateKey {
 public:
  /// Generates a key; 4096 bits take seconds. Errors: Code::usage for a weak or huge size.
  [[nodiscard]] static Result<RsaPrivateKey> generate(int bits);
  /// PKCS#8 or PKCS#1 PEM, encrypted ones with `password`. Errors are Code::refused: wrong or
  /// missing password, not RSA, weak, malformed.
  [[nodiscard]] static Result<RsaPrivateKey> from_pem(const SecretBytes& pem,
                                                      const SecretBytes* password);
  [[nodiscard]] static Result<RsaPrivateKey> from_pkey(Pkey key);
  /// This does not use the token yet; check() does.
  [[nodiscard]] static RsaPrivateKey in_token(std::string uri, RsaPublicKey half);

  /// Empty for a key that is not in a token.
  [[nodiscard]] const std::string& token_uri() const noexcept { return token_uri_; }
  /// If the key is in a token: only the public half.
  [[nodiscard]] const EVP_PKEY* pkey() const noexcept { return key_.get(); }
  /// For OpenSSL functions that take a non-const pointer and change nothing.
  [[nodiscard]] EVP_PKEY* handle() const noexcept { return key_.get(); }
  /// Checks that all numbers of the key are consistent, including that the primes are prime, which
  /// takes up to a second; for a key in a token, that it decrypts what was encrypted for it. For
  /// keys that come from elsewhere. Errors: Code::refused, those of the token.
  Status check() const;
  [[nodiscard]] Result<RsaPublicKey> public_key() const;
  [[nodiscard]] int bits() const noexcept;
  [[nodiscard]] std::size_t modulus_bytes() const noexcept;
  /// Unencrypted PEM, "BEGIN PRIVATE KEY" and "BEGIN RSA PRIVATE KEY" (the form that runtimes
  /// read). Errors: Code::usage for a key in a token.
  [[nodiscard]] Result<SecretBytes> pkcs8_pem() const;
  [[nodiscard]] Result<SecretBytes> pkcs1_pem() const;
  /// Exactly modulus_bytes() of ciphertext. Every failure is the same Code::refused error, except
  /// those of a token itself (Code::unavailable).
  [[nodiscard]] Result<SecretBytes> decrypt_oaep(std::span<const std::byte> cipher,
                                                 std::string_view label = {}) const;

 private:
  explicit RsaPrivateKey(Pkey key) : key_(std::move(key)) {}
  Pkey key_;
  std::string token_uri_;
};

}  // namespace sifguard
