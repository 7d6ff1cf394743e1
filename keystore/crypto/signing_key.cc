// A private key that signs images. Any privilege.
#include "keystore/crypto/signing_key.h"

#include <openssl/err.h>

#include "keystore/base/fd.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/private_pem.h"

namespace sifguard {
namespace {

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

/// The public half on its own, in OpenSSL's memory even when the key is in a token.
Result<SignerKey> take_public_half(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return fail_openssl(Code::refused, "the public half of the key cannot be read");
  auto half = SignerKey::from_spki(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  if (half) SG_CHECK(half->check_strong());
  return half;
}

}  // namespace

Result<SigningKey> SigningKey::from_pem(const SecretBytes& pem, const SecretBytes* passphrase) {
  SG_TRY(Pkey key, read_private_pem(pem, passphrase));
  return from_pkey(std::move(key));
}

Result<SigningKey> SigningKey::from_pkey(Pkey key) {
  SG_TRY(SignerKey half, take_public_half(key.get()));
  return SigningKey(std::move(key), std::move(half));
}

Result<SigningKey> SigningKey::elsewhere(Pkey half, SignDigest sign) {
  SG_TRY(SigningKey key, from_pkey(std::move(half)));
  key.elsewhere_ = std::move(sign);
  return key;
}

Result<SigningKey> SigningKey::generate() {
  Pkey key(EVP_EC_gen("P-256"));
  if (!key) return fail_openssl(Code::internal, "cannot make a key");
  return from_pkey(std::move(key));
}

Result<std::string> SigningKey::public_pem() const {
  return sifguard::public_pem(key_.get(), "SubjectPublicKeyInfo");
}

Result<SecretBytes> SigningKey::pkcs8_pem() const {
  return private_pem(key_.get(), "PrivateKeyInfo");
}

Result<std::string> SigningKey::sign_here(std::string_view message) const {
  ERR_clear_error();
  // Ed25519 hashes by itself.
  const EVP_MD* const hash = half_.hash() == "sha512" ? nullptr : EVP_sha256();
  const auto* const text = octets(as_bytes(message));
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, text, message.size()) != 1) {
    return fail_openssl(Code::refused, "the key cannot sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, text,
                     message.size()) != 1) {
    return fail_openssl(Code::refused, "the key cannot sign");
  }
  signature.resize(size);
  return signature;
}

Result<std::string> SigningKey::sign(std::string_view message) const {
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(message)));
  SG_TRY(std::string signature, elsewhere_ ? elsewhere_(digest) : sign_here(message));
  if (!half_.made(signature, message, digest)) {
    return fail_openssl(Code::refused, "what the key signs does not fit its public half");
  }
  return signature;
}

}  // namespace sifguard
