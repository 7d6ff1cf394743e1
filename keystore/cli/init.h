// What sifctl init and reseal report, for other commands, too. Runs with the rights of the admin.
#pragma once

#include "keystore/cli/session.h"

namespace sifguard {

/// Where the store key is kept, for admins who make backups.
[[nodiscard]] std::string shown_seal(const std::string& directory, const Seal& seal);

/// A line that follows these two for a new keystore.
inline constexpr const char* kBackupWanted =
    "without both, no encrypted image can be opened: make a backup (sifctl backup --out FILE)\n";

}  // namespace sifguard
