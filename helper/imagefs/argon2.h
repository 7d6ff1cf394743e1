// Argon2id (RFC 9106), by OpenSSL from 3.2 on and by libargon2 with older ones. Any privilege.
#pragma once

#include <cstdint>
#include <span>

#include "keystore/base/secret.h"

namespace sifguard {

struct Argon2Cost {
  std::uint32_t passes = 0;
  std::uint32_t memory_kib = 0;
  std::uint32_t lanes = 0;  ///< the calling thread fills all of them
};

/// Derives `size` bytes. Errors: Code::temporary if there is too little memory, Code::config where
/// there is no Argon2id (FIPS mode).
[[nodiscard]] Result<SecretBytes> argon2id(const SecretBytes& password,
                                           std::span<const std::byte> salt, const Argon2Cost& cost,
                                           std::size_t size);

}  // namespace sifguard
