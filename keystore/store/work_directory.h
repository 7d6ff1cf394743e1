// The hidden directory beside a keystore in which a command makes a whole one: locked while the
// command lives, so that what a killed one has left is known, and can be looked into and removed.
// The owner of the keystore, in `sifctl`.
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
/// make_hidden_directory(), locked. Errors: as there.
[[nodiscard]] Result<WorkDirectory> make_work_directory(const EntryParent& parent,
                                                        std::string_view prefix);

/// Overwrites and removes the directories beside whose names begin with `prefix`, in which nobody
/// works who lives, and of which `is_disposable`, which gets the open directory, says that nothing
/// is lost with them.
void discard_abandoned(const EntryParent& parent, std::string_view prefix,
                       const std::function<bool(int)>& is_disposable) noexcept;

/// Whether somebody who lives works in the directory at this path.
[[nodiscard]] bool is_worked_in(const std::string& path) noexcept;

/// Whether there is no file in it, at any depth, or none but empty ones. What cannot be read is
/// something.
[[nodiscard]] bool holds_nothing(int directory_fd) noexcept;
/// Whether it holds nothing but what a new keystore has: a store key that nothing is under.
[[nodiscard]] bool is_new_keystore(int directory_fd) noexcept;

}  // namespace sifguard
