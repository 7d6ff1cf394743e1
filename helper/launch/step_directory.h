// A directory that slurmd made for one step, such as that of the PMIx server. The launcher, as the
// user.
//
// Only the task learns of it, through a variable that the user could also have set. So the variable
// must name a directory that only Slurm can have made: one below a directory in which only root can
// write.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

/// `path` without a trailing slash, if it is absolute and normal, free of control characters,
/// called `last`, and a directory of `owner`'s in one that root alone can write.
[[nodiscard]] std::optional<std::string> step_directory(std::string_view path,
                                                        std::string_view last, uid_t owner);

/// `last` in `base`, under the same conditions but one: `base` may also belong to the owner, or be
/// a directory like /tmp, in which others can create files but not remove those of others. There
/// the user could have made it, so this is only for users who may bind any directory.
[[nodiscard]] std::optional<std::string> step_directory_in(std::string_view base,
                                                           std::string_view last, uid_t owner);

}  // namespace sifguard
