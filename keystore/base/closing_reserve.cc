// Room that is kept for commands that close something. Runs with the rights of the admin.
#include "keystore/cli/closing_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr const char* kSpace = ".reserve";
constexpr const char* kInodes = ".reserve-files";
constexpr const char* kTrial = ".reserve-trial";  // and a number
constexpr off_t kSize = off_t{1} << 20;
constexpr int kFiles = 16;            // an entry that is written anew takes five, the log some
constexpr std::uint64_t kPlenty = 4;  // times as much

UniqueFd open_directory(const std::string& directory) {
  return UniqueFd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

UniqueFd open_inner(int above) {
  return UniqueFd(::openat(above, kInodes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

UniqueFd make_file(int directory, const std::string& name) {
  return UniqueFd(::openat(directory, name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

/// Quotas show by trial alone.
bool has_room(int directory) {
  bool enough = true;
  for (int i = 0; i < kFiles && enough; ++i) {
    const UniqueFd file = make_file(directory, kTrial + std::to_string(i));
    enough = file.valid() && (i > 0 || ::posix_fallocate(file.get(), 0, kSize) == 0);
  }
  for (int i = 0; i < kFiles; ++i) {
    ::unlinkat(directory, (kTrial + std::to_string(i)).c_str(), 0);
  }
  return enough;
}

/// As if there were plenty where the file system does not say, or makes inodes as it needs them.
bool has_plenty(int directory) noexcept {
  struct statvfs disk {};
  if (::fstatvfs(directory, &disk) != 0) return true;
  return disk.f_bavail * disk.f_frsize >= kPlenty * std::uint64_t{kSize} &&
         (disk.f_files == 0 || disk.f_favail >= kPlenty * std::uint64_t{kFiles});
}

void release_files(int above) {
  if (const UniqueFd inner = open_inner(above); inner.valid()) {
    for (int i = 0; i < kFiles; ++i) ::unlinkat(inner.get(), std::to_string(i).c_str(), 0);
  }
  ::unlinkat(above, kInodes, AT_REMOVEDIR);
}

void keep_files(int above) {
  if (::mkdirat(above, kInodes, 0700) != 0) return;  // there already
  const UniqueFd inner = open_inner(above);
  for (int i = 0; i < kFiles && inner.valid(); ++i) {
    if (!make_file(inner.get(), std::to_string(i)).valid()) return release_files(above);
  }
}

void keep_space(int above) {
  const UniqueFd file = make_file(above, kSpace);
  if (file.valid() && ::posix_fallocate(file.get(), 0, kSize) != 0) {
    ::unlinkat(above, kSpace, 0);
  }
}

}  // namespace

void release_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid() || has_room(fd.get())) return;
  ::unlinkat(fd.get(), kSpace, 0);
  release_files(fd.get());
}

void keep_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid() || !has_plenty(fd.get())) return;
  keep_space(fd.get());
  keep_files(fd.get());
}

}  // namespace sifguard
