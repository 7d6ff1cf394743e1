// Which entries of the cache are mounted anywhere on the node. Root.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Names NAME such that some process has something of `directory`/NAME mounted, in whatever
/// namespace. `directory` is absolute and without symbolic links. Errors: Code::internal when that
/// cannot be found out: nothing may be dropped then.
[[nodiscard]] Result<std::set<std::string>> mounted_entries(const std::string& directory);

/// The path of `directory` inside its filesystem, given this process's mountinfo (proc(5)): what
/// the mountinfo of a process in any namespace shows for mounts from there. Empty: not found.
[[nodiscard]] std::string path_in_filesystem(std::string_view mountinfo,
                                             const std::string& directory);

/// Adds the NAMEs that one process's mountinfo shows mounted from below `prefix`, which is
/// path_in_filesystem().
void add_mounted(std::string_view mountinfo, const std::string& prefix,
                 std::set<std::string>& names);

}  // namespace sifguard
