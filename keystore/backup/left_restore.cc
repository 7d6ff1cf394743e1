// What a restore that was killed has left beside the keystore. The owner of the keystore, in
// `sifctl`.
#include "keystore/backup/left_restore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/secret.h"
#include "keystore/base/tree.h"
#include "keystore/store/store_files.h"
#include "keystore/store/work_directory.h"

namespace sifguard {
namespace {

constexpr int kMaxDepth = 8;

UniqueFd open_file_at(int directory_fd, const std::string& name) {
  return UniqueFd(
      ::openat(directory_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

/// Whether the file begins as the other does, and ends no later.
bool is_beginning_of(int left, int there, const std::string& name) {
  const UniqueFd own = open_file_at(left, name);
  const UniqueFd other = open_file_at(there, name);
  if (!own.valid() || !other.valid()) return false;
  const auto written = read_secret(own.get(), kMaxPem, name);
  const auto whole = read_secret(other.get(), kMaxPem, name);
  return written && whole && written->size() <= whole->size() &&
         std::equal(written->bytes().begin(), written->bytes().end(), whole->bytes().begin());
}

bool has_its_keys(int left, int there, int depth) {
  const auto names = list_names_at(left);
  if (!names || depth == 0) return false;
  return std::all_of(names->begin(), names->end(), [&](const std::string& name) {
    if (name == kPrivate || name == kPlainPrivate) return is_beginning_of(left, there, name);
    const UniqueFd inner = open_directory_at(left, name);
    if (!inner.valid()) return errno == ENOTDIR;
    if (holds_nothing(inner.get())) return true;
    const UniqueFd of = open_directory_at(there, name);
    return of.valid() && has_its_keys(inner.get(), of.get(), depth - 1);
  });
}

bool all_have_others(int left, int depth) {
  const auto names = list_names_at(left);
  if (!names || depth == 0) return false;
  return std::all_of(names->begin(), names->end(), [&](const std::string& name) {
    struct stat st {};
    if (::fstatat(left, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (S_ISREG(st.st_mode)) return st.st_nlink > 1;
    const UniqueFd inner = open_directory_at(left, name);
    return inner.valid() && all_have_others(inner.get(), depth - 1);
  });
}

}  // namespace

bool is_named_elsewhere(int left) noexcept {
  try {
    return all_have_others(left, kMaxDepth);
  } catch (...) {
    return false;
  }
}

bool is_covered(int left, int there) noexcept {
  try {
    if (holds_nothing(left) || is_linked_copy(left, there)) return true;
    return is_marked_unfinished(left) && has_its_keys(left, there, kMaxDepth);
  } catch (...) {  // out of memory: not known to be
    return false;
  }
}

}  // namespace sifguard
