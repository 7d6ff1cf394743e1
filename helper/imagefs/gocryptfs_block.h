// gocryptfs' authenticated blocks: AES-256-GCM with nonces of 16 bytes. In the sandbox of
// `sifguard-imagefs`.
//
// Format (gocryptfs 2, internal/contentenc): nonce (16) ‖ ciphertext ‖ tag (16); authenticated with
// it are the block's number (u64, big-endian) and the file's id (16 bytes; none for the wrapped
// master key).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "keystore/base/secret.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {

inline constexpr std::size_t kGocryptfsNonce = 16;
inline constexpr std::size_t kGocryptfsTag = 16;
inline constexpr std::size_t kGocryptfsOverhead = kGocryptfsNonce + kGocryptfsTag;
inline constexpr std::size_t kGocryptfsKey = 32;
using GocryptfsFileId = std::array<std::byte, 16>;

/// Decrypts blocks under one key. For one thread only.
class GocryptfsBlocks {
 public:
  /// The key is copied into OpenSSL's memory, which is wiped when it is freed. Errors:
  /// Code::internal.
  [[nodiscard]] static Result<GocryptfsBlocks> under(const SecretBytes& key);

  /// `sealed` is kGocryptfsOverhead longer than `plain`. False: the block is not authentic, and the
  /// content of `plain` must not be used. `id`: of the file, or empty.
  [[nodiscard]] bool open(std::span<const std::byte> sealed, std::uint64_t number,
                          std::span<const std::byte> id, std::span<std::byte> plain);

 private:
  using Cipher = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
  explicit GocryptfsBlocks(Cipher cipher) : cipher_(std::move(cipher)) {}
  Cipher cipher_;
};

}  // namespace sifguard
