// Bare public keys that sign images, and their signatures. Any privilege; the bytes are hostile.
//
// The three forms that DSSE signatures of images have: RSA PKCS#1 v1.5 with SHA-256 (RFC 8017 8.2),
// ECDSA on P-256, P-384 or P-521 with SHA-256, in DER (FIPS 186-5 6), pure Ed25519 (RFC 8032).
#pragma once

#include <openssl/evp.h>

#include <span>
#include <string>
#include <string_view>

#include "keystore/base/error.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

class SignerKey {
 public:
  /// Exactly one PEM SubjectPublicKeyInfo. Errors: Code::refused, saying what it is instead:
  /// another type or curve, RSA below 2048 bits, or what from_spki() refuses. RSA with a small
  /// exponent is taken, because keystores have held it, and is weak.
  [[nodiscard]] static Result<SignerKey> from_pem(std::string_view pem);
  /// DER, as in a certificate, in the one encoding that the key has (named curve, uncompressed
  /// point). RSA below 2048 bits is taken and says so; above 8192 is refused.
  [[nodiscard]] static Result<SignerKey> from_spki(std::span<const std::byte> der);

  /// SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits: the key's id.
  [[nodiscard]] const std::string& spki() const noexcept { return spki_; }
  /// ssh_fingerprint.h: what a DSSE envelope calls the key.
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }
  /// "rsa3072", "p-256", "ed25519": for people.
  [[nodiscard]] std::string algorithm() const;
  /// RSA below 2048 bits, or with an exponent below 65537: what it signs counts for nothing.
  [[nodiscard]] bool weak() const noexcept { return weak_; }
  /// Where a key is taken in or is to sign. Errors: Code::refused for a weak one, saying why.
  Status check_strong() const;
  /// The hash of its signatures: "sha256"; of Ed25519, which hashes by itself, "sha512".
  [[nodiscard]] std::string_view hash() const noexcept;

  /// Whether `signature` over `message`, whose SHA-256 is `digest`, was made by this key.
  [[nodiscard]] bool made(std::string_view signature, std::string_view message,
                          const Sha256Digest& digest) const;

 private:
  enum class Form { rsa, ecdsa, ed25519 };
  explicit SignerKey(Pkey key) : key_(std::move(key)) {}
  Status inspect(std::span<const std::byte> der);
  Status inspect_rsa();
  Status check_size() const;

  Pkey key_;
  Form form_ = Form::rsa;
  bool weak_ = false;
  std::string spki_;
  std::string fingerprint_;
};

}  // namespace sifguard
