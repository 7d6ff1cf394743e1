// The entries of the cache as they are on the disk. Root.
#include "helper/stage/cache_entries.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "helper/stage/cache_entry.h"
#include "keystore/base/lock_holders.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostDigits = 20;  // of a number in a small file
constexpr std::uint64_t kBlock = 512;    // of st_blocks

std::uint64_t staged_by(int entries, const std::string& name) {
  const std::string text = small_file(entries, (name + "/" + kStagedBy).c_str(), kMostDigits);
  return decimal(text).value_or(0);
}

std::uint64_t image_bytes(int entries, const std::string& name) {
  struct stat image {};
  const std::string path = name + "/" + kImageFile;
  const bool there = ::fstatat(entries, path.c_str(), &image, AT_SYMLINK_NOFOLLOW) == 0;
  return there ? static_cast<std::uint64_t>(image.st_blocks) * kBlock : 0;
}

}  // namespace

std::string small_file(int entry, const char* name, std::size_t limit) {
  const UniqueFd fd(::openat(entry, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return {};
  return read_to_end(fd.get(), limit, "a file of a cache entry").value_or("");
}

std::int64_t used_at(const struct stat& directory) noexcept {
  return directory.st_mtim.tv_sec * std::int64_t{1000000000} + directory.st_mtim.tv_nsec;
}

UniqueFd hold_unused(int entries, const std::string& name) noexcept {
  UniqueFd fd = open_directory_at(entries, name);
  return fd.valid() && try_lock(fd.get(), LOCK_EX) ? std::move(fd) : UniqueFd();
}

Result<std::vector<EntryState>> entries_by_use(int entries) {
  std::vector<EntryState> list;
  SG_TRY(const auto names, list_names_at(entries));
  for (const std::string& name : names) {
    struct stat directory {};
    if (::fstatat(entries, name.c_str(), &directory, AT_SYMLINK_NOFOLLOW) != 0) continue;
    list.push_back(
        {name, image_bytes(entries, name), used_at(directory), staged_by(entries, name)});
  }
  std::sort(list.begin(), list.end(),
            [](const EntryState& a, const EntryState& b) { return a.used < b.used; });
  return list;
}

}  // namespace sifguard
