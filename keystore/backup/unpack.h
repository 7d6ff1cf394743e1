// Writes the files of an archive into a new directory. The caller's rights.
#pragma once

#include <string>

#include "keystore/store/archive.h"

namespace sifguard {

/// Makes the files, their directories and in any case `keys` and `signers` in an empty directory;
/// never follows a link and never replaces anything. It leaves out seal.json, which is written
/// separately, and the files of local_files.h, which older backups contain. Nothing is durable yet:
/// the caller syncs the file system. Errors: Code::temporary when space is short.
Status unpack_archive(const Archive& archive, int directory_fd, const std::string& shown);

}  // namespace sifguard
