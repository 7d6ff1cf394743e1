// Listing and removing directories by descriptor. The caller's privilege.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Names in a directory, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_names(const std::string& path);
[[nodiscard]] Result<std::vector<std::string>> list_names_at(int directory_fd);

/// Removes `name` (a file, or a directory with all below it) without following symbolic links.
/// Its absence is success.
Status remove_tree_at(int directory_fd, const std::string& name);

}  // namespace sifguard
