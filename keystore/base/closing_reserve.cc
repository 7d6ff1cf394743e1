// Room that is kept for commands that close something. Runs with the rights of the admin.
#include "keystore/base/closing_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr const char* kSpace = ".reserve";
constexpr const char* kInodes = ".reserve-files";
constexpr const char* kTrial = ".reserve-trial";  // and a number
constexpr off_t kPortion = off_t{64} << 10;       // what is given free, or taken back, at once
/// Of one command: an entry that is written anew takes five, the log some.
constexpr int kFiles = 16;
constexpr std::uint64_t kPlenty = 4;  // times as many inodes

UniqueFd open_space(int above, int flags) {
  return UniqueFd(::openat(above, kSpace, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
}

UniqueFd make_file(int directory, const std::string& name) {
  return UniqueFd(::openat(directory, name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

off_t size_of(int directory, const std::string& name) {
  struct stat st {};
  const bool is_file =
      ::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
  return is_file ? st.st_size : 0;
}

/// Of the files that a command may write anew: lists and indexes, the log being only added to.
off_t largest_in(int directory) {
  off_t largest = 0;
  const auto names = list_names_at(directory);
  if (!names) return largest;
  for (const std::string& name : *names) {
    const bool rewritten = !name.starts_with('.') && name.find(".jsonl") == std::string::npos;
    if (rewritten) largest = std::max(largest, size_of(directory, name));
  }
  return largest;
}

/// Of what one command writes anew, in whole portions: it is there twice until it is done.
off_t largest_of(int directory) {
  off_t largest = largest_in(directory);
  const UniqueFd ca = open_directory_at(directory, "ca");
  if (ca.valid()) largest = std::max(largest, largest_in(ca.get()));
  return (largest + kPortion - 1) / kPortion * kPortion;
}

off_t reserve_of(int directory) {
  return std::max(kReservedSpace, kReservedSpace / 2 + largest_of(directory));
}

/// Quotas show by trial alone.
bool has_room(int directory, off_t need) {
  bool enough = true;
  for (int i = 0; i < kFiles && enough; ++i) {
    const UniqueFd file = make_file(directory, kTrial + std::to_string(i));
    enough = file.valid() && (i > 0 || ::posix_fallocate(file.get(), 0, need) == 0);
  }
  for (int i = 0; i < kFiles; ++i) {
    ::unlinkat(directory, (kTrial + std::to_string(i)).c_str(), 0);
  }
  return enough;
}

/// As if there were plenty where the file system does not say, or makes inodes as it needs them.
bool has_plenty(int directory, off_t reserve) noexcept {
  struct statvfs disk {};
  if (::fstatvfs(directory, &disk) != 0) return true;
  return disk.f_bavail * disk.f_frsize >= kRoomForReserve * static_cast<std::uint64_t>(reserve) &&
         (disk.f_files == 0 || disk.f_favail >= kPlenty * std::uint64_t{kReservedFiles});
}

int files_in(int inner) {
  int count = 0;
  for (int i = 0; i < kReservedFiles; ++i) {
    struct stat st {};
    count += ::fstatat(inner, std::to_string(i).c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 ? 1 : 0;
  }
  return count;
}

bool release_files(int above) {
  const UniqueFd inner = open_directory_at(above, kInodes);
  int released = 0;
  for (int i = kReservedFiles - 1; i >= 0 && inner.valid() && released < kFiles; --i) {
    released += ::unlinkat(inner.get(), std::to_string(i).c_str(), 0) == 0 ? 1 : 0;
  }
  return released > 0;
}

bool release_space(int above) {
  const off_t kept = size_of(above, kSpace);
  const UniqueFd file = open_space(above, O_WRONLY);
  return kept > 0 && file.valid() &&
         ::ftruncate(file.get(), std::max<off_t>(0, kept - kPortion)) == 0;
}

void keep_files(int above) {
  ::mkdirat(above, kInodes, 0700);
  const UniqueFd inner = open_directory_at(above, kInodes);
  for (int i = 0; i < kReservedFiles && inner.valid(); ++i) {
    if (!make_file(inner.get(), std::to_string(i)).valid() && errno != EEXIST) return;
  }
}

void keep_space(int above, off_t wanted, int flags) {
  const UniqueFd file = open_space(above, O_WRONLY | flags);
  if (!file.valid()) return;
  for (off_t size = size_of(above, kSpace); size < wanted;) {
    const off_t more = std::min(kPortion, wanted - size);
    if (::posix_fallocate(file.get(), size, more) != 0) {
      // What it added nevertheless is given back, where that can be done.
      [[maybe_unused]] const int given_back = ::ftruncate(file.get(), size);
      return;
    }
    size += more;
  }
}

}  // namespace

void release_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid()) return;
  const off_t need = kPortion + largest_of(fd.get());
  while (!has_room(fd.get(), need)) {
    const bool space = release_space(fd.get());
    if (!release_files(fd.get()) && !space) return;
  }
}

void keep_reserve(const std::string& directory) noexcept {
  const UniqueFd fd = open_directory(directory);
  if (!fd.valid()) return;
  const off_t reserve = reserve_of(fd.get());
  const bool plenty = has_plenty(fd.get(), reserve);
  keep_space(fd.get(), reserve, plenty ? O_CREAT : 0);
  if (plenty || open_directory_at(fd.get(), kInodes).valid()) keep_files(fd.get());
}

ReserveState state_of_reserve(const std::string& directory) noexcept {
  ReserveState state{true, true, kReservedSpace, kReservedSpace, kReservedFiles};
  const UniqueFd fd = open_directory(directory);
  struct statvfs disk {};
  if (!fd.valid() || ::fstatvfs(fd.get(), &disk) != 0 || (disk.f_flag & ST_RDONLY) != 0) {
    return state;
  }
  const UniqueFd inner = open_directory_at(fd.get(), kInodes);
  state.space = size_of(fd.get(), kSpace);
  state.files = inner.valid() ? files_in(inner.get()) : 0;
  state.wanted = reserve_of(fd.get());
  state.is_whole = state.space >= state.wanted && state.files >= kReservedFiles;
  state.has_plenty = has_plenty(fd.get(), state.wanted);
  return state;
}

}  // namespace sifguard
