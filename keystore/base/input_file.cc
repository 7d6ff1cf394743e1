// Reading files that a person names on the command line. Runs with the rights of that person.
#include "keystore/base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
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

/// Of what is larger than anything that is wanted here the beginning tells what it is: an image, an
/// archive.
tl::unexpected<Error> name_large(int fd, Error error) {
  constexpr std::size_t kLooked = 1024;
  std::string start(kLooked, '\0');
  const ssize_t got = error.code() == Code::refused ? ::pread(fd, start.data(), kLooked, 0) : -1;
  const FileKind kind =
      file_kind({start.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
  if (got <= 0 || kind == FileKind::unknown) return tl::unexpected(std::move(error));
  return tl::unexpected(
      error.reworded(error.what() + ": it is " + std::string(file_kind_name(kind)),
                     "name the file that is meant"));
}

}  // namespace

Result<SecretBytes> read_input_secret(const std::string& path, std::size_t limit) {
  SG_TRY(const UniqueFd fd, open_input(path));
  auto content = read_secret(fd.get(), limit, path);
  if (!content) return name_large(fd.get(), std::move(content).error());
  return content;
}

Result<std::string> read_input_text(const std::string& path, std::size_t limit) {
  SG_TRY(const UniqueFd fd, open_input(path));
  auto content = read_to_end(fd.get(), limit, path);
  if (!content) return name_large(fd.get(), std::move(content).error());
  return content;
}

}  // namespace sifguard
