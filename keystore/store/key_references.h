// The keys that bindings name, by one spelling: decide() compares keys as they are written, and a
// binding may name one by its name, id or thumbprint. Pure but for settle_keys().
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Puts the id of the key in the place of each reference that means one; others stay.
void resolve_keys(Policy& policy, const std::vector<KeyRecord>& keys);

/// Where bindings for an image of these names spell their keys differently, does the same with the
/// keys of the keystore. Errors: Code::config.
Status settle_keys(Policy& policy, const ImageNames& names, const Keystore& keystore);

/// Whether two bindings for an image of these names spell their keys differently.
[[nodiscard]] bool spells_keys_differently(const Policy& policy, const ImageNames& names);

}  // namespace sifguard
