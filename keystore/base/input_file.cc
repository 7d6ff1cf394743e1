// Reading what a person names on the command line. Runs with the rights of that person.
#include "keystore/base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/open_error.h"

namespace sifguard {
namespace {

/// Pipes are welcome (`--password-file <(pass show pfx)`); what can hang or never end is not.
Result<UniqueFd> open_input(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return fail_open(Code::no_input, path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::no_input, path, errno);
  if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
    return fail(Code::no_input, path + " is not a regular file");
  }
  return fd;
}

}  // namespace

Result<SecretBytes> read_input_secret(const std::string& path, std::size_t limit) {
  SG_TRY(const UniqueFd fd, open_input(path));
  return read_secret(fd.get(), limit, path);
}

Result<std::string> read_input_text(const std::string& path, std::size_t limit) {
  SG_TRY(const UniqueFd fd, open_input(path));
  return read_to_end(fd.get(), limit, path);
}

}  // namespace sifguard
