// The hidden directory beside a keystore in which a command makes a whole new one. It is locked
// while the command runs, so that leftovers of a killed command are recognized and can be examined
// and removed. The owner of the keystore, in `sifctl`.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "keystore/store/entry_directory.h"

namespace sifguard {

struct WorkDirectory {
  std::string name;
  UniqueFd held;  ///< the directory, with its lock
};
/// make_hidden_directory(), locked. Errors: the same.
[[nodiscard]] Result<WorkDirectory> make_work_directory(const EntryParent& parent,
                                                        std::string_view prefix);

/// Overwrites and removes directories in `parent` whose names begin with `prefix`, in which no
/// running process works, and for which `is_disposable`, which gets the open directory, says that
/// nothing is lost.
void discard_abandoned(const EntryParent& parent, std::string_view prefix,
                       const std::function<bool(int)>& is_disposable) noexcept;

/// Marks a directory that never was the keystore: it only has what is in its backup and what was
/// taken over from the existing keystore. The mark is removed once the directory is in the
/// keystore's place; every restore first removes one that a crash left there.
Status mark_unfinished(int directory_fd, const std::string& shown);
/// No error if there is no mark.
Status end_unfinished(int directory_fd, const std::string& shown);
[[nodiscard]] bool is_marked_unfinished(int directory_fd) noexcept;

/// Whether a running process works in the directory at this path.
[[nodiscard]] bool is_worked_in(const std::string& path) noexcept;

/// Whether it has no files, at any depth, except empty ones. Unreadable files count as content.
[[nodiscard]] bool holds_nothing(int directory_fd) noexcept;
/// Whether it has nothing but the content of a new keystore: a store key that encrypts nothing.
[[nodiscard]] bool is_new_keystore(int directory_fd) noexcept;

}  // namespace sifguard
