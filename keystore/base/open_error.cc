// The error for a file that cannot be opened. Any privilege.
#include "keystore/base/open_error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sifguard {

std::string open_remedy(const std::string& path, int error) {
  if (error != EACCES || ::geteuid() == 0) return {};
  struct stat st {};
  const bool others = ::stat(path.c_str(), &st) == 0 && st.st_uid != 0;
  if (!others) return "run this as root";  // also where a directory above cannot be searched
  return st.st_uid == ::geteuid() ? "chmod u+r " + path : "its owner must let you read it";
}

tl::unexpected<Error> fail_open(Code code, const std::string& path, int error) {
  return fail_errno(code, "cannot open " + path, error, open_remedy(path, error));
}

}  // namespace sifguard
