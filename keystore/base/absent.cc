// Whether there is nothing at a path. The caller's privilege.
#include "keystore/base/absent.h"

#include <sys/stat.h>

#include <cerrno>

namespace sifguard {

bool is_absent(const std::string& path) noexcept {
  struct stat st {};
  return ::lstat(path.c_str(), &st) != 0 && errno == ENOENT;
}

}  // namespace sifguard
