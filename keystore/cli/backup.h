// Describes what is in a backup, for sifctl backup and restore. Runs with the rights of the admin.
#pragma once

#include "keystore/backup/contents.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// "12 keys, 3 signers, 7 bindings".
[[nodiscard]] std::string describe_contents(const BackupContents& contents);
/// The same for --json, and what somebody can open with the backup.
[[nodiscard]] nlohmann::ordered_json contents_to_json(const Backup& backup,
                                                      const BackupContents& contents);
/// What somebody who has the backup and its password can do with it.
[[nodiscard]] std::string describe_reach(const Backup& taken, const BackupContents& contents);

}  // namespace sifguard
