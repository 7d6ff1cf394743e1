// Makes a keystore from a backup, where there is none or in place of another one. The owner of the
// keystore, in `sifctl`.
//
// The new directory is filled beside the old one, made durable, opened like any keystore, and
// exchanged with the old one: at any moment, also after a crash, either the old or the new one is
// there. Before that, all files of the old one get second names (hard links) in
// KEYSTORE.before-restore. So a directory of that name is always the complete old keystore, and one
// that a crash leaves under another name (.sifguard-restore-…) belongs to an unfinished restore and
// is never the only copy of anything. The files that local_files.h and carry_on.h name are taken
// over from the old one.
#pragma once

#include <optional>
#include <string>

#include "keystore/backup/undone.h"

namespace sifguard {

struct RestorePlan {
  std::string directory;  ///< of the keystore, absolute; its parent must exist and be trusted
  Trust trust;
  SealOptions seal;  ///< how the store key is kept from now on
  /// The lines of undone_by_restore() to which the admin has agreed; nullopt: do not check.
  std::optional<std::vector<std::string>> agreed = {};
  MergeOpenPgp merge = {};  ///< for signers that both have (bundle/keep_signer.h)
};
struct Restored {
  Seal seal;
  std::string kept;  ///< where the old keystore is now; empty if there was none
};

/// The path where the old keystore is kept.
[[nodiscard]] std::string kept_directory(const std::string& directory);
/// Whether there is a keystore to be replaced. Errors: Code::usage for an invalid path, if
/// something else is in the way, and while the keystore that the last restore replaced is still
/// kept.
[[nodiscard]] Result<bool> check_restore_place(const RestorePlan& plan);

/// Acquires the locks of the keystore that it replaces. Errors: those of read_contents(), of
/// check_restore_place() and of sealing; Code::temporary when more would be undone than the admin
/// has agreed to, because the keystore was changed meanwhile; after an error nothing has changed.
[[nodiscard]] Result<Restored> restore_backup(const Backup& backup, const RestorePlan& plan);

}  // namespace sifguard
