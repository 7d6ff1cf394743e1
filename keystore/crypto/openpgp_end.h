// Until when an OpenPGP key makes signatures that count. Pure.
#pragma once

#include <cstdint>

#include "keystore/crypto/openpgp.h"

namespace sifguard {

/// Whether any part of the key is made for signatures, whether or not they count now.
[[nodiscard]] bool can_sign(const OpenPgpKey& key);

/// Unix seconds, the first from which no signature by the key counts because the key, or the last
/// of its parts that sign, has expired; 0 = never. Parts that are revoked are left out; if all that
/// sign are, it is the end of the key.
[[nodiscard]] std::int64_t end_of(const OpenPgpKey& key);

}  // namespace sifguard
