// The file private.key: a private half, encrypted under the store key. Pure except for the random
// nonce.
//
// Format: "SGPRIV1\n" (8 bytes) ‖ id of the store key (8 bytes) ‖ nonce (12) ‖ AES-256-GCM
// ciphertext ‖ tag (16). It also authenticates these first 16 bytes and the whole text of the
// meta.json beside it, and so the key's id, name, state and rule: a file of another key, an older
// file of the same key, or one beside an edited meta.json does not open.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

struct StoreKey {
  std::string id;  ///< store_key_id(secret)
  SecretBytes secret;
};
/// 16 lower-case hexadecimal digits that distinguish store keys and reveal nothing about them.
[[nodiscard]] Result<std::string> store_key_id(const SecretBytes& secret);
inline constexpr std::size_t kStoreKeyBytes = 32;

[[nodiscard]] Result<std::vector<std::byte>> seal_envelope(const StoreKey& key,
                                                           const SecretBytes& plain,
                                                           std::string_view meta);
/// The id of the store key that opens it. Errors: Code::refused if it is not such a file.
[[nodiscard]] Result<std::string> envelope_key_id(std::span<const std::byte> envelope);
/// Errors: Code::refused.
[[nodiscard]] Result<SecretBytes> open_envelope(const StoreKey& key,
                                                std::span<const std::byte> envelope,
                                                std::string_view meta);

}  // namespace sifguard
