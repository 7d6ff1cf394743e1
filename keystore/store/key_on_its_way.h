// A key on its way to files of its own and into the keystore (`key create --file-prefix`): a note,
// KEYSTORE/.key-next-NAME, is there from before the first file until all is done, so that the same
// command goes on with what was interrupted, and takes up no file of anybody else. JSON. Runs with
// the rights of the keystore's owner.
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

/// Durable. `key.name` is is_name(). Errors: nothing is noted.
Status note_key(const Keystore& keystore, const KeyOnItsWay& key);
/// nullopt where there is none, or it says nothing.
[[nodiscard]] std::optional<KeyOnItsWay> noted_key(const Keystore& keystore,
                                                   const std::string& name);
void forget_key(const Keystore& keystore, const std::string& name) noexcept;
/// All of them, sorted by name.
[[nodiscard]] std::vector<KeyOnItsWay> noted_keys(const Keystore& keystore);

}  // namespace sifguard
