// What a LUKS2 header's JSON says: how the volume key is wrapped, and where the data lies. Hostile
// text; pure. In the sandbox of `sifguard-imagefs`.
//
// Format (cryptsetup, on-disk-format-luks2, "JSON metadata area"). This accepts what `cryptsetup
// luksFormat --type luks2` makes: one key slot (luks2, AF luks1 with SHA-256, Argon2id or PBKDF2
// with SHA-256), one segment (crypt, aes-xts-plain64, a key of 64 bytes, sectors of 512 or 4096
// bytes, up to the end), one digest (pbkdf2, SHA-256), no token. All else (integrity,
// re-encryption, detached parts, other ciphers) is refused with an error that names it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "helper/imagefs/argon2.h"
#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::size_t kLuksKey = 64;  ///< two AES-256 keys
inline constexpr std::size_t kLuksStripes = 4000;

struct Pbkdf2Cost {
  std::uint32_t iterations = 0;
};

struct LuksMetadata {
  std::variant<Argon2Cost, Pbkdf2Cost> cost;  ///< of the key that opens the slot's area
  std::string salt;
  std::uint64_t area_offset = 0;  ///< of kLuksStripes × kLuksKey bytes, from the partition's start
  std::uint32_t digest_iterations = 0;
  std::string digest_salt;
  std::string digest;             ///< 32 bytes, of the volume key
  std::uint64_t data_offset = 0;  ///< up to the partition's end
  std::uint32_t sector = 0;       ///< 512 or 4096
};

/// `header_size`: of one copy. The areas must lie after both copies and before the data, and all of
/// it within `partition_size`. Errors: Code::refused, which says what is not supported.
[[nodiscard]] Result<LuksMetadata> parse_luks_metadata(std::string_view json,
                                                       std::uint64_t header_size,
                                                       std::uint64_t partition_size);

}  // namespace sifguard
