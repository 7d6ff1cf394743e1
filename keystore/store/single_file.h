// Reads (if present), replaces and removes single files in a directory of the keystore. Runs with
// the rights of the keystore's owner; functions that write require the keystore's lock, and change
// nothing if the directory's writes are withheld (entry_directory.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/store/entry_directory.h"

namespace sifguard {

/// The text of `name`, which may have its current or an older name (older_names.h); nullopt if
/// there certainly is no such file. Errors: those of read_store_file().
[[nodiscard]] Result<std::optional<std::string>> find_file(const EntryParent& parent,
                                                           const std::string& name,
                                                           std::size_t limit, Trust trust);
/// Replaces it like replace_file(), with mode 0600.
Status put_file(const EntryParent& parent, const std::string& name, std::string_view text);
/// Removes it durably. False if there was none. Errors: Code::config if it cannot be removed.
[[nodiscard]] Result<bool> remove_file(const EntryParent& parent, const std::string& name);

}  // namespace sifguard
