// Sealing keys under the long-term key, so that they can be stored on a disk. Root.
#include "helper/release/sealed_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/crypto/aead.h"

namespace sifguard {
namespace {

constexpr std::string_view kDerived = "SGSEAL2\n";

constexpr std::string_view kLabel = "sifguard sealed key";
constexpr std::size_t kKey = 32;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kMaxSecret = 16384;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* in(const void* data) {
  return static_cast<const unsigned char*>(data);
}
unsigned char* out(void* data) {
  return static_cast<unsigned char*>(data);
}

tl::unexpected<Error> broken() {
  return fail(Code::refused, "a sealed key of the image cache does not open");
}

/// nullopt for a key in a token.
Result<std::optional<SecretBytes>> sealing_key(const StoredPrivateKey& key,
                                               std::string_view context) {
  return key.derive("sifguard sealed key\n" + key.id() + "\n" + std::string(context));
}

}  // namespace

Result<std::vector<std::byte>> seal(const SecretBytes& secret, const StoredPrivateKey& key,
                                    std::string_view context) {
  SG_TRY(const auto derived, sealing_key(key, context));
  if (!derived) {
    SG_TRY(const RsaPrivateKey whole, key.open());
    SG_TRY(const RsaPublicKey half, whole.public_key());
    return seal(secret, half, context);
  }
  if (secret.size() > kMaxSecret) return fail(Code::internal, "secret too large to seal");
  SG_TRY(const auto body, aead_seal(*derived, secret, as_bytes(context)));
  const auto head = as_bytes(kDerived);
  std::vector<std::byte> sealed(head.begin(), head.end());
  sealed.insert(sealed.end(), body.begin(), body.end());
  return sealed;
}

Result<SecretBytes> unseal(std::span<const std::byte> sealed, const StoredPrivateKey& key,
                           std::string_view context) {
  if (!as_text(sealed).starts_with(kDerived)) {
    SG_TRY(const RsaPrivateKey whole, key.open());
    return unseal(sealed, whole, context);
  }
  SG_TRY(const auto derived, sealing_key(key, context));
  if (!derived) return broken();
  auto secret = aead_open(*derived, sealed.subspan(kDerived.size()), as_bytes(context));
  if (!secret) return broken();
  return secret;
}

Result<std::vector<std::byte>> seal(const SecretBytes& secret, const RsaPublicKey& key,
                                    std::string_view context) {
  if (secret.size() > kMaxSecret) return fail(Code::internal, "secret too large to seal");
  SG_TRY(SecretBytes data_key, SecretBytes::allocate(kKey));
  std::vector<std::byte> nonce(kNonce);
  if (RAND_priv_bytes(out(data_key.bytes().data()), kKey) != 1 ||
      RAND_bytes(out(nonce.data()), kNonce) != 1) {
    return fail(Code::internal, "no random bytes");
  }
  SG_TRY(std::vector<std::byte> sealed, key.encrypt_oaep(data_key.bytes(), kLabel));
  sealed.insert(sealed.end(), nonce.begin(), nonce.end());
  const std::size_t body = sealed.size();
  sealed.resize(body + secret.size() + kTag);
  const Context gcm(EVP_CIPHER_CTX_new());
  int length = 0;
  if (!gcm ||
      EVP_EncryptInit_ex2(gcm.get(), EVP_aes_256_gcm(), in(data_key.bytes().data()),
                          in(nonce.data()), nullptr) != 1 ||
      EVP_EncryptUpdate(gcm.get(), nullptr, &length, in(context.data()),
                        static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(gcm.get(), out(sealed.data() + body), &length, in(secret.bytes().data()),
                        static_cast<int>(secret.size())) != 1 ||
      EVP_EncryptFinal_ex(gcm.get(), out(sealed.data() + body + secret.size()), &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_GET_TAG, kTag,
                          sealed.data() + body + secret.size()) != 1) {
    return fail(Code::internal, "AES-256-GCM failed");
  }
  return sealed;
}

Result<SecretBytes> unseal(std::span<const std::byte> sealed, const RsaPrivateKey& key,
                           std::string_view context) {
  const std::size_t block = key.modulus_bytes();
  if (sealed.size() < block + kNonce + kTag || sealed.size() > block + kNonce + kMaxSecret + kTag) {
    return broken();
  }
  const auto data_key = key.decrypt_oaep(sealed.first(block), kLabel);
  if (!data_key || data_key->size() != kKey) return broken();
  const auto nonce = sealed.subspan(block, kNonce);
  const auto body = sealed.subspan(block + kNonce, sealed.size() - block - kNonce - kTag);
  std::array<std::byte, kTag> tag{};
  std::copy(sealed.end() - kTag, sealed.end(), tag.begin());
  SG_TRY(SecretBytes secret, SecretBytes::allocate(body.size()));
  const Context gcm(EVP_CIPHER_CTX_new());
  int length = 0;
  if (!gcm ||
      EVP_DecryptInit_ex2(gcm.get(), EVP_aes_256_gcm(), in(data_key->bytes().data()),
                          in(nonce.data()), nullptr) != 1 ||
      EVP_DecryptUpdate(gcm.get(), nullptr, &length, in(context.data()),
                        static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(gcm.get(), out(secret.bytes().data()), &length, in(body.data()),
                        static_cast<int>(body.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(gcm.get(), out(secret.bytes().data() + secret.size()), &length) != 1) {
    return broken();  // what was decrypted before the tag was checked is wiped with `secret`
  }
  return secret;
}

}  // namespace sifguard
