// Which entries of the cache are mounted anywhere on the node. Root.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Every NAME for which some process, in any namespace, has a file below `directory`/NAME mounted.
/// Each namespace is read once, however many processes it has. `directory` is absolute and without
/// symbolic links; `proc` is where proc(5) is mounted. Errors: Code::temporary after the deadline
/// (monotonic_ms() scale), Code::internal when it cannot be determined for another reason. After an
/// error no entry may be dropped.
[[nodiscard]] Result<std::set<std::string>> mounted_entries(const std::string& directory,
                                                            std::int64_t deadline_ms,
                                                            const std::string& proc = "/proc");

/// The path of `directory` inside its file system, from this process's mountinfo (proc(5)). The
/// mountinfo of every process in any namespace shows this path for mounts from there. Empty: not
/// found.
[[nodiscard]] std::string path_in_filesystem(std::string_view mountinfo,
                                             const std::string& directory);

/// Adds the NAMEs that one process's mountinfo shows mounted from below `prefix`, which is
/// path_in_filesystem().
void add_mounted(std::string_view mountinfo, const std::string& prefix,
                 std::set<std::string>& names);

}  // namespace sifguard
