// HKDF-SHA256 (RFC 5869): a key for one use, out of a secret. Any privilege.
#pragma once

#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr std::size_t kHkdfBytes = 32;

/// Without salt; `use` is its info: keys of two uses tell nothing of each other, nor of `from`,
/// which must be unpredictable as a whole. Errors: Code::internal, Code::temporary.
[[nodiscard]] Result<SecretBytes> hkdf_sha256(const SecretBytes& from, std::string_view use);

}  // namespace sifguard
