// Modes of files on file systems that may not store them: vfat, exfat and some of FUSE and SMB give
// every file the owner and mode of the mount. The caller's privilege.
#pragma once

#include <sys/stat.h>

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Sets the mode of an open file of ours, or leaves it unchanged where modes cannot be set; then
/// call more_than(). False with errno when it fails for another reason.
[[nodiscard]] bool set_mode(int fd, mode_t mode) noexcept;

/// The permissions beyond `mode` that an open file has nevertheless. Errors: Code::internal.
[[nodiscard]] Result<mode_t> more_than(int fd, mode_t mode, std::string_view shown);

/// Whether anybody except `user` and root may write to such a file.
[[nodiscard]] bool others_may_write(const struct stat& file, uid_t user) noexcept;

}  // namespace sifguard
