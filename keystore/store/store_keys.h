// The store keys of one keystore, opened when they are asked for. Root on nodes; the owner of the
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

/// The keystore's directory, which must outlive what is made from it.
struct SealPlace {
  int directory_fd = -1;
  std::string directory;
  Trust trust;
  Writes writes = Writes::made;  ///< withheld: no file of a store key or of seals changes
};

/// Makes a store key and puts it under seal; for SealMethod::file it is written durably. With
/// `adopt`, a file at the path asked for that holds a store key is taken as it is.
/// Errors: Code::usage when something else is there, Code::unavailable when the method is not.
struct NewStoreKey {
  StoreKey key;
  Seal seal;
  bool adopted = false;
};
[[nodiscard]] Result<NewStoreKey> make_store_key(const SealOptions& options, const SealPlace& place,
                                                 bool adopt);
/// Puts a store key that there is already under seal in another place. A file that holds this one
/// is used as it is. Errors: Code::usage when it holds another.
[[nodiscard]] Result<NewStoreKey> seal_store_key(const StoreKey& key, const SealOptions& options,
                                                 const SealPlace& place);
/// Of a file outside the keystore that make_store_key() began to make for a reseal, without
/// `adopt`, until seal.json names it: who makes one for the same path again goes on with it.
/// nullopt if there is none, or the note of it cannot be read.
[[nodiscard]] std::optional<Seal> announced_seal(const SealPlace& place) noexcept;
/// Ends that; the file goes, too, unless it is the one of `used`.
Status settle_announced(const SealPlace& place, const Seal& used);
/// Removes the file of a key that nothing is under yet.
void take_back(const NewStoreKey& made, const SealPlace& place) noexcept;
/// Errors: Code::config when the file is missing or not trustworthy, when what is sealed is another
/// key; Code::unavailable when the method is not available here.
[[nodiscard]] Result<StoreKey> open_seal(const Seal& seal, const SealPlace& place);
/// Overwrites and deletes the file of a seal, if it lies in the keystore. Returns whether it did.
[[nodiscard]] Result<bool> discard_seal(const Seal& seal, const SealPlace& place);

class StoreKeys {
 public:
  /// Reads nothing before it is asked for a key.
  explicit StoreKeys(SealPlace place) : place_(std::move(place)) {}

  /// What seal.json names. Errors: Code::config.
  [[nodiscard]] Result<std::vector<Seal>> seals();
  /// The one for what is written. Valid as long as this object.
  [[nodiscard]] Result<const StoreKey*> current();
  /// Errors: Code::config if the keystore has no such key.
  [[nodiscard]] Result<const StoreKey*> find(const std::string& id);
  /// What an envelope holds; see envelope.h.
  [[nodiscard]] Result<SecretBytes> open_private(std::span<const std::byte> envelope,
                                                 std::string_view meta);
  /// Makes a key known that is to come first from now on.
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
