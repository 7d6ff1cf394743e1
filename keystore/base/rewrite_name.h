// The name that the changed copy of a file has until it takes the file's place: ".NAME.NOISE.tmp",
// NAME cut at 200 bytes and NOISE being 16 hexadecimal digits. Who is killed leaves it, as large as
// the file; the next to change the file removes it, and `sifctl doctor` tells. Any privilege.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// One that nobody has had yet. Errors: Code::internal.
[[nodiscard]] Result<std::string> new_rewrite_name(std::string_view name);

/// Whether new_rewrite_name() may have made `candidate` for the file called `name`.
[[nodiscard]] bool is_rewrite_of(std::string_view candidate, std::string_view name);

/// The same for a file of any name.
[[nodiscard]] bool is_rewrite_name(std::string_view candidate);

/// Before the name of what is replaced, in the hidden name that it has meanwhile.
inline constexpr std::string_view kBeforeRewrite = "before-";

/// Removes what killed processes of this user have left of writing the file `name`: their copies,
/// and what these were to replace where there is such a file again. What has no other name is
/// overwritten first: it may be a private key.
void remove_left_rewrites(int directory_fd, const std::string& name) noexcept;

/// Whether such a file is of this user and of nobody who lives: who works on one has locked it. For
/// root it may be of the directory's owner, too: some file systems give all files to one user; and
/// of `replaced`, who owns the file that it was to replace: it has its owner before its name.
[[nodiscard]] bool is_left_rewrite(int directory_fd, const std::string& name,
                                   std::optional<uid_t> replaced = std::nullopt);

}  // namespace sifguard
