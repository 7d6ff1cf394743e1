// Modes of files where the file system may keep none: vfat, exfat and some of FUSE and SMB give
// every file the owner and mode that the mount says. The caller's privilege.
#pragma once

#include <sys/stat.h>

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Sets the mode of an open file of ours, or leaves it as it is where modes cannot be set: look at
/// more_than(). False with errno when it fails otherwise.
[[nodiscard]] bool set_mode(int fd, mode_t mode) noexcept;

/// The permissions beyond `mode` that an open file has nevertheless. Errors: Code::internal.
[[nodiscard]] Result<mode_t> more_than(int fd, mode_t mode, std::string_view shown);

/// Whether somebody else than `user` (and root) may write into such a file.
[[nodiscard]] bool others_may_write(const struct stat& file, uid_t user) noexcept;

}  // namespace sifguard
