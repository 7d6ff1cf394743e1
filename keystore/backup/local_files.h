// Files that belong to a keystore's place and not to its content: its log of changes and the
// break-glass grants in force. A backup does not contain them, and a restore does not bring them
// back, because that would undo records, and renew grants that were ended. The owner of the
// keystore.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/atomic_file.h"

namespace sifguard {

/// Whether an entry of the keystore's directory stays where it is.
[[nodiscard]] bool is_local_file(std::string_view name);

/// The lock under which the log of changes in this directory is written, made if it is not there.
[[nodiscard]] Result<FileLock> lock_change_log(int directory_fd, const std::string& shown);

/// Puts the local files of the old directory into the new one, as hard links under their current
/// names. Lines that are appended to the log meanwhile are then in both, and so is the lock, so the
/// log stays one chain whichever of the two directories a writer has open. The result is not yet
/// durable. Errors: Code::temporary, Code::config.
Status keep_local_files(int old_fd, int new_fd, const std::string& shown);

}  // namespace sifguard
