// A key that is being written to its files and into the keystore (`key create --file-prefix`). A
// note, KEYSTORE/.key-next-NAME in JSON, exists from before the first file until all is done, so
// that the same command can continue after an interruption, and does not take over other files.
// Runs with the rights of the keystore's owner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

struct KeyOnItsWay {
  std::string name;
  std::string id;      ///< as in KeyRecord
  std::string prefix;  ///< of its files, absolute
};

/// Writes the note durably. `key.name` must be is_name(). After an error there is no note.
Status note_key(const Keystore& keystore, const KeyOnItsWay& key);
/// nullopt if there is none, or it is malformed.
[[nodiscard]] std::optional<KeyOnItsWay> noted_key(const Keystore& keystore,
                                                   const std::string& name);
void forget_key(const Keystore& keystore, const std::string& name) noexcept;
/// All notes, sorted by name.
[[nodiscard]] std::vector<KeyOnItsWay> noted_keys(const Keystore& keystore);

}  // namespace sifguard
