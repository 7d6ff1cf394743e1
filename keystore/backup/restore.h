// A keystore made from a backup, in place of nothing or of another keystore. The owner of the
// keystore, in `sifctl`.
//
// The new directory is filled beside, made durable, opened like any keystore, and exchanged with
// what is there: whoever looks, and after a crash at any moment, there is the old or the new one.
// Before that, all that is there gets a second name, as hard links, in KEYSTORE.before-restore: so
// at every moment what is called so is the keystore of before, whole, and what a crash leaves under
// another name (.sifguard-restore-…) is of a restore that did not finish, and nowhere the only copy
// of anything. What local_files.h and carry_on.h name is taken over from the old one.
#pragma once

#include <optional>
#include <string>

#include "keystore/backup/undone.h"

namespace sifguard {

struct RestorePlan {
  std::string directory;  ///< of the keystore, absolute; its parent must exist and be trusted
  Trust trust;
  SealOptions seal;  ///< how the store key is kept from now on
  /// The lines of undone_by_restore() that the admin has seen; nullopt: it does not matter.
  std::optional<std::vector<std::string>> agreed = {};
  MergeOpenPgp merge = {};  ///< for signers that both have (bundle/keep_signer.h)
};
struct Restored {
  Seal seal;
  std::string kept;  ///< where the keystore of before is now; empty if there was none
};

/// Under what name the keystore of before stays.
[[nodiscard]] std::string kept_directory(const std::string& directory);
/// Whether a keystore is there to be replaced. Errors: Code::usage for a path that is none, for
/// anything else in the way, and while the one before the last restore is still there.
[[nodiscard]] Result<bool> check_restore_place(const RestorePlan& plan);

/// Takes the locks of the keystore that it replaces. Errors: those of read_contents(), of
/// check_restore_place() and of sealing; Code::temporary when more would be undone than the admin
/// has agreed to, for something was changed meanwhile; nothing has changed then.
[[nodiscard]] Result<Restored> restore_backup(const Backup& backup, const RestorePlan& plan);

}  // namespace sifguard
