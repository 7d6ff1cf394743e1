// The PIN of a token. Runs in sifguard-token.
#include "keystore/token/pin.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPin = 256;

std::string path_of(const std::string& source) {
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (source.starts_with(scheme)) return source.substr(scheme.size());
  }
  return source;
}

}  // namespace

Result<SecretBytes> read_pin(const std::string& source) {
  const std::string path = path_of(source);
  SG_TRY(const UniqueFd fd, open_trusted_file(path, Trust{::geteuid()}));
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, path, errno);
  if ((st.st_mode & 077U) != 0) {
    return fail(Code::config, path + " is accessible to group or others", "chmod 0600 " + path);
  }
  SG_TRY(SecretBytes pin, read_secret(fd.get(), kMaxPin, path));
  while (!pin.empty() && (pin.bytes().back() == std::byte{'\n'})) pin.shrink(pin.size() - 1);
  return pin;
}

}  // namespace sifguard
