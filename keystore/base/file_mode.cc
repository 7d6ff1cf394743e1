// Modes of files where the file system may keep none. The caller's privilege.
#include "keystore/base/file_mode.h"

#include <cerrno>
#include <string>

namespace sifguard {

bool set_mode(int fd, mode_t mode) noexcept {
  return ::fchmod(fd, mode) == 0 || errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP;
}

Result<mode_t> more_than(int fd, mode_t mode, std::string_view shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) {
    return fail_errno(Code::internal, "cannot examine " + std::string(shown), errno);
  }
  return st.st_mode & 0777U & ~mode;
}

bool others_may_write(const struct stat& file, uid_t user) noexcept {
  return file.st_uid != user || (file.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

}  // namespace sifguard
