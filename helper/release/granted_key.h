// The checks with which every release begins: the key is the one that was granted, and it may open
// this image. Root. Internal to helper/release.
#pragma once

#include <string>
#include <string_view>

#include "helper/release/key_grant.h"
#include "keystore/crypto/rsa.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

/// A key that was made for one published image opens no other. Errors: Code::denied.
Status check_own_image(const KeyRecord& key, const std::string& digest);

/// Errors: Code::internal for a key that is not the granted one.
Status check_granted(const KeyGrant& grant, const StoredPrivateKey& key);

/// The public half of `key`. Errors: Code::internal when it is not the granted one.
[[nodiscard]] Result<RsaPublicKey> granted_half(const KeyGrant& grant, const RsaPrivateKey& key);

/// The volume key in an image's CryptoMessage. Errors: Code::refused.
[[nodiscard]] Result<SecretBytes> open_message(std::string_view text, const RsaPrivateKey& key);

}  // namespace sifguard
