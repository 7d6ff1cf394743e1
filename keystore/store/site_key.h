// The key with which the site signs the images that it publishes. Root on an admin's host.
#pragma once

#include <optional>

#include "keystore/crypto/signing_key.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// nullopt if the keystore has none. Errors: those of load_own_key().
[[nodiscard]] Result<std::optional<SigningKey>> find_site_key(const Keystore& keystore);
/// Makes it (ECDSA on P-256) when there is none yet, and stores it with the keystore's own keys.
[[nodiscard]] Result<SigningKey> site_key(const Keystore& keystore);

}  // namespace sifguard
