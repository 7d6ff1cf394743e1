// Which entries of the cache are mounted anywhere on the node. Root.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Names NAME such that some process has something of `directory`/NAME mounted, in whatever
/// namespace; each namespace is read once, whatever the number of its processes. `directory` is
/// absolute and without symbolic links; `proc` is where proc(5) is. Errors: Code::temporary past
/// the deadline (monotonic_ms() scale), Code::internal when it cannot be found out otherwise:
/// nothing may be dropped then.
[[nodiscard]] Result<std::set<std::string>> mounted_entries(const std::string& directory,
                                                            std::int64_t deadline_ms,
                                                            const std::string& proc = "/proc");

/// The path of `directory` inside its filesystem, given this process's mountinfo (proc(5)): what
/// the mountinfo of a process in any namespace shows for mounts from there. Empty: not found.
[[nodiscard]] std::string path_in_filesystem(std::string_view mountinfo,
                                             const std::string& directory);

/// Adds the NAMEs that one process's mountinfo shows mounted from below `prefix`, which is
/// path_in_filesystem().
void add_mounted(std::string_view mountinfo, const std::string& prefix,
                 std::set<std::string>& names);

}  // namespace sifguard
