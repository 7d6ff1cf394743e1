// AES-256-GCM with a random nonce, and random secrets. Any privilege.
#include "keystore/crypto/aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPlain = 64UL * 1024;

using Gcm = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

int length_of(std::span<const std::byte> bytes) noexcept {
  return static_cast<int>(bytes.size());
}

}  // namespace

Result<std::vector<std::byte>> aead_seal(const SecretBytes& key, const SecretBytes& plain,
                                         std::span<const std::byte> context) {
  if (key.size() != kAeadKeyBytes || plain.size() > kMaxPlain || context.size() > kMaxPlain * 2) {
    return fail(Code::internal, "wrong sizes for AES-256-GCM");
  }
  std::vector<std::byte> sealed(kAeadNonceBytes + plain.size() + kAeadTagBytes);
  const std::span all(sealed);
  const auto nonce = all.first(kAeadNonceBytes);
  const auto body = all.subspan(kAeadNonceBytes, plain.size());
  const auto tag = all.last(kAeadTagBytes);
  const Gcm gcm(EVP_CIPHER_CTX_new());
  int done = 0;
  if (!gcm || RAND_bytes(writable_octets(nonce), kAeadNonceBytes) != 1 ||
      EVP_EncryptInit_ex2(gcm.get(), EVP_aes_256_gcm(), octets(key.bytes()), octets(nonce),
                          nullptr) != 1 ||
      EVP_EncryptUpdate(gcm.get(), nullptr, &done, octets(context), length_of(context)) != 1 ||
      EVP_EncryptUpdate(gcm.get(), writable_octets(body), &done, octets(plain.bytes()),
                        length_of(body)) != 1 ||
      EVP_EncryptFinal_ex(gcm.get(), writable_octets(tag), &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag.data()) != 1) {
    return fail_openssl(Code::internal, "AES-256-GCM failed");
  }
  return sealed;
}

Result<SecretBytes> aead_open(const SecretBytes& key, std::span<const std::byte> sealed,
                              std::span<const std::byte> context) {
  constexpr std::size_t kAround = kAeadNonceBytes + kAeadTagBytes;
  if (key.size() != kAeadKeyBytes || sealed.size() < kAround ||
      sealed.size() > kAround + kMaxPlain || context.size() > kMaxPlain * 2) {
    return fail(Code::refused, "what is sealed does not open with this key");
  }
  const auto nonce = sealed.first(kAeadNonceBytes);
  const auto body = sealed.subspan(kAeadNonceBytes, sealed.size() - kAround);
  std::array<std::byte, kAeadTagBytes> tag{};
  std::copy(sealed.end() - kAeadTagBytes, sealed.end(), tag.begin());
  SG_TRY(SecretBytes plain, SecretBytes::allocate(body.size()));
  std::array<unsigned char, kAeadTagBytes> rest{};
  const Gcm gcm(EVP_CIPHER_CTX_new());
  int done = 0;
  if (!gcm ||
      EVP_DecryptInit_ex2(gcm.get(), EVP_aes_256_gcm(), octets(key.bytes()), octets(nonce),
                          nullptr) != 1 ||
      EVP_DecryptUpdate(gcm.get(), nullptr, &done, octets(context), length_of(context)) != 1 ||
      EVP_DecryptUpdate(gcm.get(), writable_octets(plain.bytes()), &done, octets(body),
                        length_of(body)) != 1 ||
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(gcm.get(), rest.data(), &done) != 1) {
    ERR_clear_error();
    // What was decrypted before the tag was checked is wiped with `plain`.
    return fail(Code::refused, "what is sealed does not open with this key");
  }
  return plain;
}

Result<SecretBytes> random_secret(std::size_t size) {
  SG_TRY(SecretBytes secret, SecretBytes::allocate(size));
  if (RAND_priv_bytes(writable_octets(secret.bytes()), static_cast<int>(size)) != 1) {
    return fail_openssl(Code::internal, "no random bytes");
  }
  return secret;
}

}  // namespace sifguard
