// Opens, lists and removes directories by descriptor. The caller's privilege.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/fd.h"

namespace sifguard {

/// The directory `path`, or `name` in another one, to read; empty with errno set if it is none, or
/// a symbolic link to one.
[[nodiscard]] UniqueFd open_directory(const std::string& path) noexcept;
[[nodiscard]] UniqueFd open_directory_at(int directory_fd, const std::string& name) noexcept;
/// The same for a path that a person gave: symbolic links are followed.
[[nodiscard]] UniqueFd open_directory_of_user(const std::string& path) noexcept;
/// The directory once more, with a position of its own, for a list that takes its descriptor over.
[[nodiscard]] UniqueFd reopen_directory(int directory_fd) noexcept;

/// Names in a directory, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_names(const std::string& path);
[[nodiscard]] Result<std::vector<std::string>> list_names_at(int directory_fd);

/// Removes `name` (a file, or a directory with all below it) without following symbolic links.
/// If it is absent, that is success.
Status remove_tree_at(int directory_fd, const std::string& name);

/// Gives everything in the directory `from` a second name in the directory `to`: directories are
/// made there (0700), everything else becomes a hard link; no link is followed. The result is not
/// yet durable. Errors: Code::temporary.
Status link_tree_at(int from, int to);
/// Whether everything in `copy`, except directories, is the same file as the one of that name in
/// `original`, so that removing the copy loses nothing.
[[nodiscard]] bool is_linked_copy(int copy, int original) noexcept;

}  // namespace sifguard
