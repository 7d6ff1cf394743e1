// Which image bindings use a key. Reads the keystore.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

/// The names of the bindings that name the key, or one that it replaces, in their order.
/// Errors: Code::config for a malformed images.yaml.
[[nodiscard]] Result<std::vector<std::string>> bindings_of_key(const Keystore& keystore,
                                                               const KeyRecord& key);

}  // namespace sifguard
