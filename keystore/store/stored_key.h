// The private half of a key as it rests in a keystore: opened, and not taken apart before it has to
// be, which takes longer than all else of a warm launch. Root on nodes; the owner of the keystore
// in `sifctl`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/store/key_entry.h"

namespace sifguard {

class StoredPrivateKey {
 public:
  /// `entry` with its private half; `keys`: the directory of all, for messages.
  StoredPrivateKey(KeyEntry entry, std::string keys)
      : entry_(std::move(entry)), keys_(std::move(keys)) {}

  [[nodiscard]] const std::string& id() const noexcept { return entry_.record.id; }

  /// Taken apart. Errors: Code::config for what is no key, or another one.
  [[nodiscard]] Result<RsaPrivateKey> open() const;

  /// The key (kHkdfBytes) for one `use` that only who can read the private half can make: once that
  /// is gone, nothing opens any more what was sealed with it. nullopt for a key in a token: what
  /// the keystore has of that is no secret.
  [[nodiscard]] Result<std::optional<SecretBytes>> derive(std::string_view use) const;

 private:
  KeyEntry entry_;
  std::string keys_;
};

}  // namespace sifguard
