// The hidden directory beside a keystore in which a command makes a whole one. The owner of the
// keystore, in `sifctl`.
#include "keystore/store/work_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/atomic_file.h"
#include "keystore/base/tree.h"
#include "keystore/policy/policy.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kMark = ".unfinished";
constexpr int kDeepest = 8;
constexpr int kMakings = 10;

bool still_exists(int directory_fd) noexcept {
  struct stat st {};
  return ::fstat(directory_fd, &st) == 0 && st.st_nlink > 0;
}

bool holds_nothing_below(int directory_fd, int depth) {
  const auto names = list_names_at(directory_fd);
  if (!names || depth == 0) return false;
  return std::all_of(names->begin(), names->end(), [&](const std::string& name) {
    struct stat st {};
    if (::fstatat(directory_fd, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (S_ISREG(st.st_mode)) return st.st_size == 0;
    const UniqueFd inner = open_directory_at(directory_fd, name);
    return inner.valid() && holds_nothing_below(inner.get(), depth - 1);
  });
}

/// Names of files that init makes; temporary ones begin with a dot.
bool is_of_new_keystore(const std::string& name) {
  return name == kImagesFile || name == kSeal || name.front() == '.' ||
         (name.starts_with("store-") && name.ends_with(".key"));
}

}  // namespace

Result<WorkDirectory> make_work_directory(const EntryParent& parent, std::string_view prefix) {
  // Once more, if it was taken for a killed command's before it was locked.
  for (int attempt = 1;; ++attempt) {
    SG_TRY(std::string name, make_hidden_directory(parent, prefix));
    UniqueFd held = open_directory_at(parent.fd.get(), name);
    const bool locked =
        held.valid() && ::flock(held.get(), LOCK_EX | LOCK_NB) == 0 && still_exists(held.get());
    if (locked) return WorkDirectory{std::move(name), std::move(held)};
    discard_directory(parent, name);
    if (attempt == kMakings) {
      return fail(Code::temporary, "cannot lock " + parent.shown + "/" + name, "try again");
    }
  }
}

void discard_abandoned(const EntryParent& parent, std::string_view prefix,
                       const std::function<bool(int)>& is_disposable) noexcept {
  try {
    const auto names = list_names_at(parent.fd.get());
    if (!names) return;
    for (const std::string& name : *names) {
      if (!name.starts_with(prefix)) continue;
      const UniqueFd fd = open_directory_at(parent.fd.get(), name);
      if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
      if (is_disposable(fd.get())) wipe_directory(parent, name);
    }
  } catch (...) {  // out of memory: the next command does it
    return;
  }
}

Status mark_unfinished(int directory_fd, const std::string& shown) {
  const UniqueFd fd(
      ::openat(directory_fd, kMark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.valid()) return {};
  return fail_errno(Code::temporary, "cannot make " + shown + "/" + kMark, errno);
}

Status end_unfinished(int directory_fd, const std::string& shown) {
  if (::unlinkat(directory_fd, kMark, 0) == 0) return sync_directory(directory_fd, shown);
  if (errno == ENOENT) return {};
  return fail_errno(Code::temporary, "cannot remove " + shown + "/" + kMark, errno);
}

bool is_marked_unfinished(int directory_fd) noexcept {
  return ::faccessat(directory_fd, kMark, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_worked_in(const std::string& path) noexcept {
  const UniqueFd fd = open_directory(path);
  return fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

bool holds_nothing(int directory_fd) noexcept {
  try {
    return holds_nothing_below(directory_fd, kDeepest);
  } catch (...) {
    return false;
  }
}

bool is_new_keystore(int directory_fd) noexcept {
  try {
    const auto names = list_names_at(directory_fd);
    return names && std::all_of(names->begin(), names->end(), [&](const std::string& name) {
             if (is_of_new_keystore(name)) return true;
             const UniqueFd inner = open_directory_at(directory_fd, name);
             return (name == kKeys || name == kSigners) && inner.valid() &&
                    holds_nothing(inner.get());
           });
  } catch (...) {
    return false;
  }
}

}  // namespace sifguard
