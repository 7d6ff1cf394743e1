// A whole RSA key pair: making, reading, writing, decryption. Any privilege.
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "keystore/base/fd.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/oaep.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/crypto/rsa_bits.h"
#include "keystore/crypto/token_key.h"

namespace sifguard {
namespace {

/// One error for every cause: which step failed would tell a forger something.
tl::unexpected<Error> key_not_decrypted() {
  ERR_clear_error();
  return fail(Code::refused, "cannot decrypt with this key");
}

tl::unexpected<Error> stays_in_token() {
  return fail(Code::wrong_state, "the key lives in a token, which does not give it away");
}

/// What was encrypted with the one half must be what the other decrypts.
Status check_by_use(const RsaPrivateKey& key) {
  SG_TRY(const RsaPublicKey half, key.public_key());
  SG_TRY(const SecretBytes secret, random_secret(32));
  SG_TRY(const auto cipher, half.encrypt_oaep(secret.bytes()));
  SG_TRY(const SecretBytes plain, key.decrypt_oaep(cipher));
  if (as_text(plain.bytes()) == as_text(secret.bytes())) return {};
  return fail(Code::refused, "the token's key does not fit its own public half");
}

}  // namespace

RsaPrivateKey RsaPrivateKey::in_token(std::string uri, RsaPublicKey half) {
  RsaPrivateKey key(std::move(half.key_));
  key.token_uri_ = std::move(uri);
  return key;
}

Result<RsaPrivateKey> RsaPrivateKey::generate(int bits) {
  if (bits < kMinRsaBits || bits > kMaxRsaBits || bits % 8 != 0) {
    return fail(Code::usage, "cannot make an RSA key of " + std::to_string(bits) + " bits",
                "use 2048 to 8192 bits, best 4096");
  }
  Pkey key(EVP_RSA_gen(static_cast<unsigned int>(bits)));
  if (!key) return fail_openssl(Code::internal, "cannot make an RSA key");
  return from_pkey(std::move(key));
}

Result<RsaPrivateKey> RsaPrivateKey::from_pem(const SecretBytes& pem, const SecretBytes* password) {
  SG_TRY(Pkey key, read_private_pem(pem, password));
  return from_pkey(std::move(key));
}

Result<RsaPrivateKey> RsaPrivateKey::from_pkey(Pkey key) {
  SG_CHECK(check_rsa(key.get()));
  BIGNUM* exponent = nullptr;
  const bool whole = EVP_PKEY_get_bn_param(key.get(), "d", &exponent) == 1;
  BN_clear_free(exponent);
  if (!whole) return fail_openssl(Code::refused, "the RSA key has no private half");
  return RsaPrivateKey(std::move(key));
}

Status RsaPrivateKey::check() const {
  if (!token_uri_.empty()) return check_by_use(*this);
  const PkeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (!context || EVP_PKEY_check(context.get()) != 1) {
    return fail_openssl(Code::refused, "the RSA key is inconsistent or damaged");
  }
  return {};
}

Result<RsaPublicKey> RsaPrivateKey::public_key() const {
  return RsaPublicKey::from_pkey(key_.get());
}

int RsaPrivateKey::bits() const noexcept {
  return EVP_PKEY_get_bits(key_.get());
}

std::size_t RsaPrivateKey::modulus_bytes() const noexcept {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
}

Result<SecretBytes> RsaPrivateKey::pkcs8_pem() const {
  if (!token_uri_.empty()) return stays_in_token();
  return private_pem(key_.get(), "PrivateKeyInfo");
}

Result<SecretBytes> RsaPrivateKey::pkcs1_pem() const {
  if (!token_uri_.empty()) return stays_in_token();
  return private_pem(key_.get(), "type-specific");
}

Result<SecretBytes> RsaPrivateKey::decrypt_oaep(std::span<const std::byte> cipher,
                                                std::string_view label) const {
  if (!token_uri_.empty()) {
    if (cipher.size() != modulus_bytes()) return key_not_decrypted();
    return token_decrypt_oaep(token_uri_, cipher, label);
  }
  SG_TRY(SecretBytes plain, SecretBytes::allocate(modulus_bytes()));
  const PkeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 || !set_oaep(context.get(), label)) {
    return fail_openssl(Code::internal, "cannot set up RSA-OAEP");
  }
  std::size_t size = plain.size();
  if (cipher.size() != modulus_bytes() ||
      EVP_PKEY_decrypt(context.get(), writable_octets(plain.bytes()), &size, octets(cipher),
                       cipher.size()) != 1 ||
      size > plain.size()) {
    return key_not_decrypted();
  }
  plain.shrink(size);
  return plain;
}

}  // namespace sifguard
