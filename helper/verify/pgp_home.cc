// A private, empty home for gpg. Root helper, or the user's tool.
#include "helper/verify/pgp_home.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "keystore/base/text.h"

namespace sifguard {

Result<PgpHome> PgpHome::prepare(const std::string& scratch_dir) {
  if (::geteuid() == 0) {
    std::array<std::byte, 16> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
      return fail_errno(Code::temporary, "cannot get random numbers", errno);
    }
    return PgpHome(scratch_dir + "/gpg-" + to_hex(random));
  }
  std::string path = scratch_dir + "/gpg-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail_errno(Code::temporary, "cannot make a directory in " + scratch_dir, errno);
  }
  return PgpHome(std::move(path));
}

PgpHome::PgpHome(PgpHome&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PgpHome::~PgpHome() {
  if (path_.empty()) return;
  // Nothing secret is in it, and nobody whose it was lives any more.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sifguard
