// Private keys that open no image: those with which the site signs. Root on an admin's host, in
// `sifctl` and the programs that it starts.
//
// own/NAME/{meta.json,private.key}: PKCS#8 PEM under the store key (envelope.h), bound to NAME.
#pragma once

#include <optional>
#include <string>

#include "keystore/store/keystore.h"
#include "keystore/store/store_keys.h"

namespace sifguard {

/// nullopt if there is none. `name`: is_name(). Errors: Code::config for anything malformed or not
/// trustworthy; those of the store key.
[[nodiscard]] Result<std::optional<SecretBytes>> load_own_key(const Keystore& keystore,
                                                              const std::string& name);

/// Adds a new key. `held`: the keystore's lock. Errors: Code::usage if there already is one of this
/// name.
Status add_own_key(const Keystore& keystore, const FileLock& held, const std::string& name,
                   const SecretBytes& pkcs8_pem);

/// For Keystore::reseal(), under its lock. check_own_keys(): opens all and counts them.
/// rewrite_own_keys(): encrypts all under the current store key.
[[nodiscard]] Result<std::size_t> check_own_keys(const Keystore& keystore, StoreKeys& store_keys);
Status rewrite_own_keys(const Keystore& keystore, StoreKeys& store_keys);

}  // namespace sifguard
