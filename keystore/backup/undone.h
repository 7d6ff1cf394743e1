// What a restore would take back of what was done since the backup, for the admin to read before.
// The owner of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/backup/contents.h"
#include "keystore/crypto/openpgp_merge.h"

namespace sifguard {

struct Undone {
  std::vector<std::string> lines;  ///< what the restore undoes
  std::vector<std::string> kept;   ///< what is not in the backup, and is taken over (carry_on.h)
};

/// `now`: nullptr for a keystore that cannot be opened. What cannot be compared is told as such.
[[nodiscard]] Undone undone_by_restore(const Keystore* now, const Backup& backup,
                                       const BackupContents& contents, const MergeOpenPgp& merge);

/// The same of signers, of who may sign and until when.
void add_undone_signers(Undone& undone, const Keystore& now, const Backup& backup,
                        const BackupContents& contents, const MergeOpenPgp& merge);
/// The same of images: those that are revoked, and those that were published here.
void add_undone_images(Undone& undone, const Keystore& now, const Backup& backup);
/// The same of what X.509 signers are judged by, of the CA, and of who this keystore is to others.
void add_undone_trust(Undone& undone, const Keystore& now, const Backup& backup);

}  // namespace sifguard
