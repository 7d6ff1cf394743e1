// Which changes since the backup a restore would undo, for the admin to read before it. The owner
// of the keystore, in `sifctl`.
#pragma once

#include <string>
#include <vector>

#include "keystore/backup/contents.h"
#include "keystore/crypto/openpgp_merge.h"

namespace sifguard {

struct Undone {
  std::vector<std::string> lines;  ///< what the restore undoes
  std::vector<std::string> kept;   ///< what is not in the backup and is taken over (carry_on.h)
};

/// `now`: nullptr for a keystore that cannot be opened. The result says what could not be compared.
[[nodiscard]] Undone undone_by_restore(const Keystore* now, const Backup& backup,
                                       const BackupContents& contents, const MergeOpenPgp& merge);

/// The same for signers: who may sign, and until when.
void add_undone_signers(Undone& undone, const Keystore& now, const Backup& backup,
                        const BackupContents& contents, const MergeOpenPgp& merge);
/// The same for images: revoked images, and images that were published here.
void add_undone_images(Undone& undone, const Keystore& now, const Backup& backup);
/// The same for the trust anchors and lists of X.509 signers, for the CA, and for this keystore's
/// own identity (keys and names that others know).
void add_undone_trust(Undone& undone, const Keystore& now, const Backup& backup);

}  // namespace sifguard
