// Writing the files of an archive into a new directory. The caller's rights.
#pragma once

#include <string>

#include "keystore/store/archive.h"

namespace sifguard {

/// Makes the files and the directories that they want, and `keys` and `signers` in any case, below
/// an empty directory; never follows a link, never replaces anything. seal.json is left out, for it
/// is written anew, and so is what local_files.h names, which older backups hold. Nothing is
/// durable yet: the caller syncs the filesystem. Errors: Code::temporary when space is short.
Status unpack_archive(const Archive& archive, int directory_fd, const std::string& shown);

}  // namespace sifguard
