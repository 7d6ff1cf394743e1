// AES-256-GCM (NIST SP 800-38D) with a random nonce, and random secrets. Any privilege.
#pragma once

#include <span>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;

/// nonce (12 bytes) ‖ ciphertext (as long as `plain`, at most 64 KiB) ‖ tag (16 bytes). `context`
/// is authenticated with it. One key may seal 2^32 texts before two nonces could be the same.
[[nodiscard]] Result<std::vector<std::byte>> aead_seal(const SecretBytes& key,
                                                       const SecretBytes& plain,
                                                       std::span<const std::byte> context);
/// Errors: Code::refused, the same for everything that does not open.
[[nodiscard]] Result<SecretBytes> aead_open(const SecretBytes& key,
                                            std::span<const std::byte> sealed,
                                            std::span<const std::byte> context);

/// `size` unpredictable bytes.
[[nodiscard]] Result<SecretBytes> random_secret(std::size_t size);

}  // namespace sifguard
