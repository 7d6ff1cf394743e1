// Space that is kept for commands that close something. Runs with the rights of the admin.
#include "keystore/cli/closing_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::array<std::string_view, 9> kClosing = {
    "suspend", "retire", "revoke", "destroy", "end", "remove", "unbind", "crl", "unpublish"};
constexpr const char* kName = ".reserve";
constexpr off_t kSize = off_t{1} << 20;
constexpr std::uint64_t kPlenty = 4 * std::uint64_t{kSize};

UniqueFd open_directory(const std::string& directory) {
  return UniqueFd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// In bytes; as if there were plenty where the file system does not say.
std::uint64_t space(int directory) noexcept {
  struct statvfs disk {};
  if (::fstatvfs(directory, &disk) != 0) return kPlenty;
  return disk.f_bavail * disk.f_frsize;
}

}  // namespace

bool closes(const std::string& command) {
  const std::string_view last = std::string_view(command).substr(command.rfind(' ') + 1);
  return std::find(kClosing.begin(), kClosing.end(), last) != kClosing.end();
}

void release_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid() || space(fd.get()) >= std::uint64_t{kSize}) return;
  ::unlinkat(fd.get(), kName, 0);
}

void keep_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid() || space(fd.get()) < kPlenty) return;
  const UniqueFd file(
      ::openat(fd.get(), kName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.valid() && ::posix_fallocate(file.get(), 0, kSize) != 0) {
    ::unlinkat(fd.get(), kName, 0);
  }
}

}  // namespace sifguard
