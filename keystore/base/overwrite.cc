// Overwriting a file before its last name goes. The caller's privilege.
#include "keystore/base/overwrite.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard {

Status overwrite_file(int fd, const std::string& shown) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::internal, shown, errno);
  const std::vector<std::byte> zeros(static_cast<std::size_t>(st.st_size));
  if (::lseek(fd, 0, SEEK_SET) != 0) return fail_errno(Code::internal, shown, errno);
  SG_CHECK(write_all(fd, zeros, shown));
  if (::fsync(fd) != 0) return fail_errno(Code::temporary, "cannot overwrite " + shown, errno);
  return {};
}

}  // namespace sifguard
