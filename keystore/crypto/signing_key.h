// A private key that signs images: RSA, ECDSA or Ed25519 in OpenSSL's memory, or RSA or ECDSA in a
// token. Any privilege. Its public half and the algorithms are described in signer_key.h.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "keystore/crypto/rsa.h"
#include "keystore/crypto/signer_key.h"

namespace sifguard {

class SigningKey {
 public:
  /// PKCS#8, PKCS#1 or SEC 1 PEM, encrypted ones with `passphrase`. Errors: Code::refused, also for
  /// a wrong or missing passphrase and for keys of other types or sizes.
  [[nodiscard]] static Result<SigningKey> from_pem(const SecretBytes& pem,
                                                   const SecretBytes* passphrase);
  /// Errors: Code::refused.
  [[nodiscard]] static Result<SigningKey> from_pkey(Pkey key);
  /// A key whose private half is elsewhere: `sign` makes RSA PKCS#1 v1.5 or ECDSA signatures of
  /// SHA-256 digests. Errors: Code::refused.
  using SignDigest = std::function<Result<std::string>(std::span<const std::byte> digest)>;
  [[nodiscard]] static Result<SigningKey> elsewhere(Pkey half, SignDigest sign);
  /// A new ECDSA key on P-256.
  [[nodiscard]] static Result<SigningKey> generate();

  [[nodiscard]] const SignerKey& public_half() const noexcept { return half_; }
  /// SubjectPublicKeyInfo.
  [[nodiscard]] Result<std::string> public_pem() const;
  /// Not encrypted. Errors: Code::internal for a key in a token.
  [[nodiscard]] Result<SecretBytes> pkcs8_pem() const;

  /// The signature, which has been verified with the public half, because a faulty computation
  /// could reveal the key. Errors: Code::refused when the key cannot sign or its halves do not
  /// match.
  [[nodiscard]] Result<std::string> sign(std::string_view message) const;

 private:
  SigningKey(Pkey key, SignerKey half) : key_(std::move(key)), half_(std::move(half)) {}

  [[nodiscard]] Result<std::string> sign_here(std::string_view message) const;

  Pkey key_;
  SignerKey half_;
  SignDigest elsewhere_;
};

}  // namespace sifguard
