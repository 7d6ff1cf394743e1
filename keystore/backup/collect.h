// What a backup holds, taken from a keystore. The owner of the keystore, in `sifctl`.
#pragma once

#include "keystore/store/archive.h"
#include "keystore/store/envelope.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Largest file of a backup: what it may hold, and what seals it.
inline constexpr std::size_t kMaxBackupFile = (std::size_t{1} << 30U) + (64UL << 20U);

struct Backup {
  StoreKey key;  ///< under which the private halves of the archive rest
  Archive archive;
};

/// One state of the keystore: everything in it but locks, leftovers, the store key's own
/// file and what local_files.h names.
/// Wants the locks of all who write. `now` in Unix seconds. Errors: Code::config for what is not
/// trustworthy or has no place in a backup, an unencrypted private key for one.
[[nodiscard]] Result<Backup> collect_backup(const Keystore& keystore, std::int64_t now);

}  // namespace sifguard
