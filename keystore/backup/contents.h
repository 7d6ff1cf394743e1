// What is in a backup, checked before anything is written. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keystore/backup/ca_file.h"

namespace sifguard {

struct BackupContents {
  std::vector<KeyRecord> keys;
  std::vector<SignerRecord> signers;
  std::string images;          ///< the text of images.yaml
  Seal seal;                   ///< how the store key was kept
  std::optional<SeenRoot> ca;  ///< the root of its CA, if it has one that can be read
};

/// Reads every record as strictly as from a keystore, and opens every private half. Errors:
/// Code::refused, which says what is wrong with which file.
[[nodiscard]] Result<BackupContents> read_contents(const Backup& backup);

}  // namespace sifguard
