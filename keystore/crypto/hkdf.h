// HKDF-SHA256 (RFC 5869): derives a key for one use from a secret. Any privilege.
#pragma once

#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr std::size_t kHkdfBytes = 32;

/// Without salt; `use` is the info: the keys for two uses reveal nothing about each other or about
/// `from`, which must be unpredictable as a whole. Errors: Code::internal, Code::temporary.
[[nodiscard]] Result<SecretBytes> hkdf_sha256(const SecretBytes& from, std::string_view use);

}  // namespace sifguard
