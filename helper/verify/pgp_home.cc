// A private, empty home for gpg. Root helper, or the user's tool.
#include "helper/verify/pgp_home.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sifguard {

Result<PgpHome> PgpHome::prepare(const std::string& scratch_dir) {
  if (::geteuid() == 0) return PgpHome(scratch_dir, true);
  std::string path = scratch_dir + "/gpg-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail_errno(Code::temporary, "cannot make a directory in " + scratch_dir, errno);
  }
  return PgpHome(std::move(path), false);
}

PgpHome::PgpHome(PgpHome&& other) noexcept
    : path_(std::exchange(other.path_, {})), covered_(other.covered_) {}

PgpHome::~PgpHome() {
  if (covered_ || path_.empty()) return;
  std::error_code ignored;  // nothing secret is in it
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sifguard
