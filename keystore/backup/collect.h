// What a backup holds, taken from a keystore. The owner of the keystore, in `sifctl`.
#pragma once

#include "keystore/store/archive.h"
#include "keystore/store/envelope.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// The largest file of a backup: its largest content, and the encryption's overhead.
inline constexpr std::size_t kMaxBackupFile = (std::size_t{1} << 30U) + (64UL << 20U);

struct Backup {
  StoreKey key;  ///< encrypts the private halves in the archive
  Archive archive;
};

/// One state of the keystore: everything in it but locks, leftovers, the store key's own
/// file and what local_files.h names.
/// Requires the locks of all writers. `now` in Unix seconds. Errors: Code::config for a file that
/// cannot be trusted or must not be in a backup, such as an unencrypted private key.
[[nodiscard]] Result<Backup> collect_backup(const Keystore& keystore, std::int64_t now);

}  // namespace sifguard
