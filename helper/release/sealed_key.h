// Sealing a transient key under the long-term key, so that it can rest on a disk. Root.
//
// Format: RSA-OAEP block (label "sifguard sealed key") of a random AES-256 key (the long-term
// modulus' size) ‖ nonce (12 bytes) ‖ AES-256-GCM ciphertext ‖ tag (16 bytes). `context` is
// authenticated with it: the digest of the image, so that a sealed key cannot be moved to another
// entry. The label keeps it apart from volume keys, which have none: no image can offer the block
// of a sealed key as its own.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/base/secret.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

[[nodiscard]] Result<std::vector<std::byte>> seal(const SecretBytes& secret,
                                                  const RsaPublicKey& key,
                                                  std::string_view context);

/// Errors: Code::refused for anything that does not open.
[[nodiscard]] Result<SecretBytes> unseal(std::span<const std::byte> sealed,
                                         const RsaPrivateKey& key, std::string_view context);

}  // namespace sifguard
