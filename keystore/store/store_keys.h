// The store keys of one keystore, opened when they are needed. Root on nodes; the owner of the
// keystore in `sifctl`.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/trusted_file.h"
#include "keystore/store/entry_directory.h"
#include "keystore/store/envelope.h"
#include "keystore/store/store_key_seal.h"

namespace sifguard {

/// The keystore's directory, which must outlive objects that are made from it.
struct SealPlace {
  int directory_fd = -1;
  std::string directory;
  Trust trust;
  Writes writes = Writes::made;  ///< withheld: no file of a store key or of seals changes
};

/// Makes a store key and seals it; for SealMethod::file it is written durably. With `adopt`, an
/// existing file at the requested path that contains a store key is used unchanged. Errors:
/// Code::usage when there is another file, Code::unavailable when the method is not available.
struct NewStoreKey {
  StoreKey key;
  Seal seal;
  bool adopted = false;
};
[[nodiscard]] Result<NewStoreKey> make_store_key(const SealOptions& options, const SealPlace& place,
                                                 bool adopt);
/// Seals an existing store key in another place. A file that contains this key is used unchanged.
/// Errors: Code::usage when it contains another one.
[[nodiscard]] Result<NewStoreKey> seal_store_key(const StoreKey& key, const SealOptions& options,
                                                 const SealPlace& place);
/// The seal of a file outside the keystore that make_store_key() began to make for a reseal,
/// without `adopt`, until seal.json names it. A later call for the same path continues with the
/// file. nullopt if there is none, or its note cannot be read.
[[nodiscard]] std::optional<Seal> announced_seal(const SealPlace& place) noexcept;
/// Removes the note. Returns the seal of its file, which stays, if the file is there and none of
/// these: another keystore may use it by now.
[[nodiscard]] Result<std::optional<Seal>> settle_announced(const SealPlace& place,
                                                           const std::vector<Seal>& named);
/// Removes the file of a key that encrypts nothing yet.
void take_back(const NewStoreKey& made, const SealPlace& place) noexcept;
/// Errors: Code::config when the file is missing or not trustworthy, or when another key is sealed;
/// Code::unavailable when the method is not available here.
[[nodiscard]] Result<StoreKey> open_seal(const Seal& seal, const SealPlace& place);
/// Overwrites and deletes the file of a seal, if it is in the keystore. Returns whether it did.
[[nodiscard]] Result<bool> discard_seal(const Seal& seal, const SealPlace& place);

class StoreKeys {
 public:
  /// Reads nothing until a key is needed.
  explicit StoreKeys(SealPlace place) : place_(std::move(place)) {}

  /// The seals in seal.json. Errors: Code::config.
  [[nodiscard]] Result<std::vector<Seal>> seals();
  /// The key for writing. Valid as long as this object.
  [[nodiscard]] Result<const StoreKey*> current();
  /// Errors: Code::config if the keystore has no such key.
  [[nodiscard]] Result<const StoreKey*> find(const std::string& id);
  /// Opens an envelope; see envelope.h.
  [[nodiscard]] Result<SecretBytes> open_private(std::span<const std::byte> envelope,
                                                 std::string_view meta);
  /// Adds a key, which is the first one from now on.
  void put_first(const Seal& seal, StoreKey key);

 private:
  struct Entry {
    Seal seal;
    StoreKey key;  ///< without id until it is opened
  };
  Status load();

  SealPlace place_;
  std::deque<Entry> entries_;  ///< deque: pointers into it stay valid; empty until loaded
};

/// Writes seal.json.
Status write_seals(const SealPlace& place, const std::vector<Seal>& seals);

}  // namespace sifguard
