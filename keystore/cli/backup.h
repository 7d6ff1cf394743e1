// What a backup has in it, for sifctl backup and restore to tell. Runs with the rights of the
// admin.
#pragma once

#include "keystore/backup/contents.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// "12 keys, 3 signers, 7 bindings", of a backup.
[[nodiscard]] std::string describe_contents(const BackupContents& contents);
/// The same for --json, and what the backup opens.
[[nodiscard]] nlohmann::ordered_json contents_to_json(const Backup& backup,
                                                      const BackupContents& contents);
/// What who has the password can do with it.
[[nodiscard]] std::string describe_reach(const Backup& taken, const BackupContents& contents);

}  // namespace sifguard
