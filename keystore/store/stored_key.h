// The private half of a key as it is stored in a keystore: decrypted, but only parsed when
// necessary, because parsing takes longer than the rest of a launch from the cache. Root on nodes;
// the owner of the keystore in `sifctl`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/store/key_entry.h"

namespace sifguard {

class StoredPrivateKey {
 public:
  /// `entry` with its private half; `keys`: the directory of all keys, for messages.
  StoredPrivateKey(KeyEntry entry, std::string keys)
      : entry_(std::move(entry)), keys_(std::move(keys)) {}

  [[nodiscard]] const std::string& id() const noexcept { return entry_.record.id; }

  /// Parses it. Errors: Code::config if it is not a key, or another one.
  [[nodiscard]] Result<RsaPrivateKey> open() const;

  /// The key (kHkdfBytes) for one `use`, which can only be derived from the private half: once that
  /// is destroyed, nothing can open what was sealed with the derived key. nullopt for a key in a
  /// token, of which the keystore has no secret.
  [[nodiscard]] Result<std::optional<SecretBytes>> derive(std::string_view use) const;

 private:
  KeyEntry entry_;
  std::string keys_;
};

}  // namespace sifguard
