// Single files in a directory of the keystore: read where they are there, replaced, removed. Runs
// with the rights of the keystore's owner; what writes wants the keystore's lock held, and changes
// nothing where the directory's writes are withheld (entry_directory.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/store/entry_directory.h"

namespace sifguard {

/// The text of `name`, by its name of today or an older one (older_names.h); nullopt if there
/// certainly is no such file. Errors: those of read_store_file().
[[nodiscard]] Result<std::optional<std::string>> find_file(const EntryParent& parent,
                                                           const std::string& name,
                                                           std::size_t limit, Trust trust);
/// Replaces it, for the owner alone (0600), as replace_file() does.
Status put_file(const EntryParent& parent, const std::string& name, std::string_view text);
/// Durably. False if there was none. Errors: Code::config if it stays.
[[nodiscard]] Result<bool> remove_file(const EntryParent& parent, const std::string& name);

}  // namespace sifguard
