// Makes references to keys in bindings uniform: decide() compares keys as text, but a binding may
// refer to one by its name, id or thumbprint. Pure except settle_keys().
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Replaces each reference that means a key by the key's id; other references stay.
void resolve_keys(Policy& policy, const std::vector<KeyRecord>& keys);

/// Does the same with the keys of the keystore, if bindings for an image of these names have
/// different references. Errors: Code::config.
Status settle_keys(Policy& policy, const ImageNames& names, const Keystore& keystore);

/// Whether two bindings for an image of these names have different key references.
[[nodiscard]] bool spells_keys_differently(const Policy& policy, const ImageNames& names);

}  // namespace sifguard
