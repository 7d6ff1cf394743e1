// What is of a keystore's place and not of its content: its log of changes and the break-glass
// grants in force. A backup does not hold them, and a restore does not bring them back: who could
// would undo what was recorded, and give leave again that was ended. The owner of the keystore.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/atomic_file.h"

namespace sifguard {

/// Whether an entry of the keystore's directory stays where it is.
[[nodiscard]] bool is_local_file(std::string_view name);

/// The lock under which the log of changes in this directory is written, made if it is not there.
[[nodiscard]] Result<FileLock> lock_change_log(int directory_fd, const std::string& shown);

/// Gives the new directory those of the old one, as hard links by their names of today: what is
/// appended to the log meanwhile is in both, and so is the lock: the log stays one chain whichever
/// of the two directories a writer has open. Not durable yet. Errors: Code::temporary,
/// Code::config.
Status keep_local_files(int old_fd, int new_fd, const std::string& shown);

}  // namespace sifguard
