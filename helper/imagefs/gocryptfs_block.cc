// gocryptfs' authenticated blocks: AES-256-GCM with nonces of 16 bytes. In the sandbox of
// `sifguard-imagefs`.
#include "helper/imagefs/gocryptfs_block.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

namespace sifguard {
namespace {

constexpr std::size_t kMostPlain = 1U << 20U;
constexpr std::size_t kNumber = 8;

using Context = std::array<std::byte, kNumber + sizeof(GocryptfsFileId)>;

std::span<const std::byte> put_context(std::uint64_t number, std::span<const std::byte> id,
                                       Context& memory) {
  for (std::size_t i = 0; i < kNumber; ++i) {
    memory[i] = static_cast<std::byte>(number >> (8 * (kNumber - 1 - i)));
  }
  std::ranges::copy(id, memory.begin() + kNumber);
  return std::span(memory).first(kNumber + id.size());
}

}  // namespace

Result<GocryptfsBlocks> GocryptfsBlocks::under(const SecretBytes& key) {
  if (key.size() != kGocryptfsKey) return fail(Code::internal, "a key of a wrong size");
  Cipher cipher(EVP_CIPHER_CTX_new());
  if (!cipher ||
      EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_IVLEN, kGocryptfsNonce, nullptr) != 1 ||
      EVP_DecryptInit_ex2(cipher.get(), nullptr, octets(key.bytes()), nullptr, nullptr) != 1) {
    return fail_openssl(Code::internal, "AES-256-GCM is not available");
  }
  return GocryptfsBlocks(std::move(cipher));
}

bool GocryptfsBlocks::open(std::span<const std::byte> sealed, std::uint64_t number,
                           std::span<const std::byte> id, std::span<std::byte> plain) {
  if (sealed.size() != plain.size() + kGocryptfsOverhead || plain.size() > kMostPlain ||
      id.size() > sizeof(GocryptfsFileId)) {
    return false;
  }
  Context memory;
  const auto context = put_context(number, id, memory);
  const auto body = sealed.subspan(kGocryptfsNonce, plain.size());
  std::array<std::byte, kGocryptfsTag> tag;
  std::ranges::copy(sealed.last(kGocryptfsTag), tag.begin());
  std::array<unsigned char, kGocryptfsTag> rest;
  int done = 0;
  EVP_CIPHER_CTX* const cipher = cipher_.get();
  const bool authentic =
      EVP_DecryptInit_ex2(cipher, nullptr, nullptr, octets(sealed), nullptr) == 1 &&
      EVP_DecryptUpdate(cipher, nullptr, &done, octets(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher, writable_octets(plain), &done, octets(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kGocryptfsTag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher, rest.data(), &done) == 1;
  if (!authentic) ERR_clear_error();
  return authentic;
}

}  // namespace sifguard
