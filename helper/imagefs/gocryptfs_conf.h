// gocryptfs.conf: how the key of a gocryptfs directory is wrapped. Hostile bytes; pure. In the
// sandbox of `sifguard-imagefs`.
//
// Format (gocryptfs 2, internal/configfile): a JSON object; Apptainer and SingularityCE make it
// with -plaintextnames. Features that they do not use (AES-SIV, XChaCha20, encrypted names, FIDO2,
// no HKDF, other versions) are refused with an error that names them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::size_t kMaxGocryptfsConf = 16384;

struct GocryptfsConf {
  std::string salt;        ///< of scrypt: 32 to 64 bytes
  std::uint32_t cost = 0;  ///< scrypt's N, a power of two from 2^10 to 2^18; r is 8 and p is 1
  std::array<std::byte, 64> wrapped_key{};  ///< nonce (16) ‖ master key (32) ‖ tag (16)
};

/// Errors: Code::refused, which says which field is not supported.
[[nodiscard]] Result<GocryptfsConf> parse_gocryptfs_conf(std::string_view text);

}  // namespace sifguard
