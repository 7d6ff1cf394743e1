// What interrupted runs of sif-sign left beside images. The caller's rights.
#include "keystore/doctor/half_signed.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

/// sif-sign locks what it works on.
bool is_worked_on(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool is_file(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

}  // namespace

std::vector<std::string> half_signed_beside(const std::string& image) {
  const std::string directory = image.substr(0, image.rfind('/') + 1);
  std::vector<std::string> left;
  const auto names = list_names(directory);
  if (!names) return left;
  for (const std::string& name : *names) {
    const std::string path = directory + name;
    if (is_rewrite_name(name) && is_file(path) && !is_worked_on(path)) left.push_back(path);
  }
  return left;
}

}  // namespace sifguard
