// Bare public keys that sign images, and their signatures. Any privilege; the bytes are hostile.
//
// DSSE signatures of images have three forms: RSA PKCS#1 v1.5 with SHA-256 (RFC 8017 8.2), ECDSA on
// P-256, P-384 or P-521 with SHA-256, in DER (FIPS 186-5 6), pure Ed25519 (RFC 8032).
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
  /// Exactly one PEM SubjectPublicKeyInfo. Errors: Code::refused, which says what it is instead:
  /// another type or curve, RSA below 2048 bits, or what from_spki() refuses. RSA with a small
  /// exponent is accepted, because keystores may already have such keys, but is weak.
  [[nodiscard]] static Result<SignerKey> from_pem(std::string_view pem);
  /// DER, as in a certificate, in the canonical encoding of the key (named curve, uncompressed
  /// point). RSA below 2048 bits is accepted but weak(); above 8192 it is refused.
  [[nodiscard]] static Result<SignerKey> from_spki(std::span<const std::byte> der);

  /// SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits: the key's id.
  [[nodiscard]] const std::string& spki() const noexcept { return spki_; }
  /// The name of the key in a DSSE envelope (ssh_fingerprint.h).
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }
  /// "rsa3072", "p-256", "ed25519": for people.
  [[nodiscard]] std::string algorithm() const;
  /// Whether it is RSA below 2048 bits, or with an exponent below 65537: its signatures do not
  /// count.
  [[nodiscard]] bool weak() const noexcept { return weak_; }
  /// For keys that are added or shall sign. Errors: Code::refused for a weak one, which says why.
  Status check_strong() const;
  /// The hash of its signatures: "sha256", or "sha512" for Ed25519, which hashes by itself.
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
