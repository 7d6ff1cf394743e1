// The name that the changed copy of a file has until it takes the file's place: ".NAME.NOISE.tmp",
// NAME cut at 200 bytes and NOISE being 16 hexadecimal digits. A process that is killed leaves the
// copy, which is as large as the file; the next process that changes the file removes it, and
// `sifctl doctor` reports it. Any privilege.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// A new, unused name. Errors: Code::internal.
[[nodiscard]] Result<std::string> new_rewrite_name(std::string_view name);

/// Whether new_rewrite_name() may have made `candidate` for the file called `name`.
[[nodiscard]] bool is_rewrite_of(std::string_view candidate, std::string_view name);

/// The same for a file of any name.
[[nodiscard]] bool is_rewrite_name(std::string_view candidate);
/// NAME of a name for which that holds.
[[nodiscard]] std::string_view rewritten_name(std::string_view candidate);

/// Prefix of the temporary, hidden name of a file that is being replaced.
inline constexpr std::string_view kBeforeRewrite = "before-";

/// Removes what killed processes of this user have left while they wrote the file `name`: their
/// copies, and the files that these should replace, if there is such a file again. A file that has
/// no other name is overwritten first, because it may be a private key.
void remove_left_rewrites(int directory_fd, const std::string& name) noexcept;
/// The same, but of what should be replaced only second names of the file `name` go: another may be
/// all that is left of a file in use.
void remove_left_copies(int directory_fd, const std::string& name) noexcept;
/// The name that a file in the place of `name` got from a killed process of this user, which was to
/// replace it, if that is no second name of `name`; of several the last. "" if there is none.
[[nodiscard]] std::string set_aside_before(int directory_fd, const std::string& name);

/// Whether such a file belongs to this user and no process works on it (such a process has locked
/// it). For root it may also belong to the directory's owner, because some file systems give all
/// files to one user; and to `replaced`, the owner of the file that it should replace, because it
/// gets that owner before that name.
[[nodiscard]] bool is_left_rewrite(int directory_fd, const std::string& name,
                                   std::optional<uid_t> replaced = std::nullopt);

}  // namespace sifguard
