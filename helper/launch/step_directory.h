// A directory that Slurm's daemon made for one step, as PMIx's server has one. The launcher, as the
// user.
//
// The task alone learns of it, by a variable, which the user could have set as well. So what it
// names must be what only Slurm can have made: below a directory in which root alone can write.
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

/// `last` in `base`, under the same terms but one: `base` may also be a directory like /tmp, in
/// which others can write but not take away, or the owner's own. There the user could have made it,
/// so this is only for those who may bind what they like.
[[nodiscard]] std::optional<std::string> step_directory_in(std::string_view base,
                                                           std::string_view last, uid_t owner);

}  // namespace sifguard
