// The name that the changed copy of a file has until it takes the file's place. Any privilege.
#include "keystore/base/rewrite_name.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/overwrite.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxKept = 200;  // a name has at most 255 bytes
constexpr std::size_t kNoise = 8;
constexpr std::string_view kEnd = ".tmp";
constexpr std::size_t kTail = 1 + 2 * kNoise + kEnd.size();  // ".NOISE.tmp"

std::string beginning(std::string_view name) {
  return "." + std::string(name.substr(0, kMaxKept));
}

bool is_noise(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<std::string> new_rewrite_name(std::string_view name) {
  std::array<std::byte, kNoise> noise{};
  if (::getrandom(noise.data(), noise.size(), 0) != static_cast<ssize_t>(noise.size())) {
    return fail_errno(Code::internal, "cannot get random bytes", errno);
  }
  return beginning(name) + "." + to_hex(noise) + std::string(kEnd);
}

bool is_rewrite_name(std::string_view candidate) {
  if (candidate.size() < kTail + 2 || candidate.front() != '.') return false;
  const std::string_view tail = candidate.substr(candidate.size() - kTail);
  return tail.front() == '.' && tail.ends_with(kEnd) && is_noise(tail.substr(1, 2 * kNoise));
}

std::string_view rewritten_name(std::string_view candidate) {
  return candidate.substr(1, candidate.size() - kTail - 1);
}

bool is_rewrite_of(std::string_view candidate, std::string_view name) {
  return is_rewrite_name(candidate) &&
         candidate.substr(0, candidate.size() - kTail) == beginning(name);
}

namespace {

bool is_ours(int directory_fd, uid_t owner, std::optional<uid_t> replaced) noexcept {
  if (owner == ::geteuid()) return true;
  struct stat directory {};
  return ::geteuid() == 0 && (owner == replaced || (::fstat(directory_fd, &directory) == 0 &&
                                                    directory.st_uid == owner));
}

}  // namespace

bool is_left_rewrite(int directory_fd, const std::string& name, std::optional<uid_t> replaced) {
  struct stat st {};
  if (::fstatat(directory_fd, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(st.st_mode) || !is_ours(directory_fd, st.st_uid, replaced)) {
    return false;
  }
  const UniqueFd fd(
      ::openat(directory_fd, name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

namespace {

void remove_left(int directory_fd, const std::string& name) noexcept {
  if (!is_left_rewrite(directory_fd, name)) return;
  const UniqueFd fd(
      ::openat(directory_fd, name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (fd.valid() && ::fstat(fd.get(), &st) == 0 && st.st_nlink == 1) {
    (void)overwrite_file(fd.get(), name);
  }
  ::unlinkat(directory_fd, name.c_str(), 0);
}

bool is_before(const std::string& candidate, const std::string& name) {
  return is_rewrite_of(candidate, std::string(kBeforeRewrite) + name);
}

std::optional<struct stat> look_at(int directory_fd, const std::string& name) {
  struct stat st {};
  if (::fstatat(directory_fd, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return st;
}

bool is_same(int directory_fd, const std::string& one, const std::string& other) {
  const auto first = look_at(directory_fd, one);
  const auto second = look_at(directory_fd, other);
  return first && second && first->st_dev == second->st_dev && first->st_ino == second->st_ino;
}

bool is_later(const struct stat& one, const struct stat& other) {
  return std::pair(one.st_ctim.tv_sec, one.st_ctim.tv_nsec) >
         std::pair(other.st_ctim.tv_sec, other.st_ctim.tv_nsec);
}

/// Copies, and of the files that these should replace those for which `goes` is true.
template <typename Goes>
void remove_left_of(int directory_fd, const std::string& name, Goes goes) {
  const auto names = list_names_at(directory_fd);
  if (!names) return;
  for (const std::string& one : *names) {
    const bool before = is_before(one, name) && goes(one);
    if (before || is_rewrite_of(one, name)) remove_left(directory_fd, one);
  }
}

}  // namespace

void remove_left_copies(int directory_fd, const std::string& name) noexcept {
  remove_left_of(directory_fd, name,
                 [&](const std::string& one) { return is_same(directory_fd, one, name); });
}

std::string set_aside_before(int directory_fd, const std::string& name) {
  const auto names = list_names_at(directory_fd);
  std::string found;
  std::optional<struct stat> last;
  for (const std::string& one : names ? *names : std::vector<std::string>()) {
    if (!is_before(one, name) || is_same(directory_fd, one, name)) continue;
    const auto st = look_at(directory_fd, one);
    if (!st || (last && !is_later(*st, *last)) || !is_left_rewrite(directory_fd, one)) continue;
    found = one;
    last = st;
  }
  return found;
}

void remove_left_rewrites(int directory_fd, const std::string& name) noexcept {
  const bool there = ::faccessat(directory_fd, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  remove_left_of(directory_fd, name, [&](const std::string&) { return there; });
}

}  // namespace sifguard
