// Listing and removing directories by descriptor. The caller's privilege.
#include "keystore/base/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "keystore/base/fd.h"
#include "keystore/base/open_error.h"

namespace sifguard {
namespace {

constexpr int kMaxTreeDepth = 64;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

Status remove_below(int directory_fd, const std::string& name, int depth) {
  if (::unlinkat(directory_fd, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) {
    return fail_errno(Code::internal, "cannot remove " + name, errno);
  }
  if (depth == 0) return fail(Code::internal, "cannot remove " + name + ": too deep");
  const UniqueFd child = open_directory_at(directory_fd, name);
  if (!child.valid() && errno == ENOENT) return {};  // another removes it, too
  if (!child.valid()) return fail_errno(Code::internal, "cannot open " + name, errno);
  SG_TRY(const auto names, list_names_at(child.get()));
  for (const std::string& entry : names) SG_CHECK(remove_below(child.get(), entry, depth - 1));
  if (::unlinkat(directory_fd, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return fail_errno(Code::internal, "cannot remove " + name, errno);
  }
  return {};
}

Status link_below(int from, int to, int depth) {
  SG_TRY(const auto names, list_names_at(from));
  for (const std::string& name : names) {
    if (::linkat(from, name.c_str(), to, name.c_str(), 0) == 0) continue;
    const int error = errno;
    const UniqueFd inner = open_directory_at(from, name);  // a directory cannot be linked
    if (!inner.valid() || depth == 0) {
      return fail_errno(Code::temporary, "cannot link " + name, inner.valid() ? ELOOP : error);
    }
    if (::mkdirat(to, name.c_str(), 0700) != 0) {
      return fail_errno(Code::temporary, "cannot make the directory " + name, errno);
    }
    const UniqueFd made = open_directory_at(to, name);
    if (!made.valid()) return fail_errno(Code::temporary, "cannot open " + name, errno);
    SG_CHECK(link_below(inner.get(), made.get(), depth - 1));
  }
  return {};
}

bool is_same_below(int copy, int original, int depth) {
  const auto names = list_names_at(copy);
  if (!names || depth == 0) return false;
  return std::all_of(names->begin(), names->end(), [&](const std::string& name) {
    struct stat one {};
    struct stat other {};
    if (::fstatat(copy, name.c_str(), &one, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::fstatat(original, name.c_str(), &other, AT_SYMLINK_NOFOLLOW) != 0) {
      return false;
    }
    if (!S_ISDIR(one.st_mode)) return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    const UniqueFd inner = open_directory_at(copy, name);
    const UniqueFd of = open_directory_at(original, name);
    return inner.valid() && of.valid() && is_same_below(inner.get(), of.get(), depth - 1);
  });
}

}  // namespace

UniqueFd open_directory(const std::string& path) noexcept {
  return open_directory_at(AT_FDCWD, path);
}

UniqueFd open_directory_at(int directory_fd, const std::string& name) noexcept {
  return UniqueFd(
      ::openat(directory_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

UniqueFd open_directory_of_user(const std::string& path) noexcept {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

UniqueFd reopen_directory(int directory_fd) noexcept {
  return UniqueFd(::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Status link_tree_at(int from, int to) {
  return link_below(from, to, kMaxTreeDepth);
}

bool is_linked_copy(int copy, int original) noexcept {
  try {
    return is_same_below(copy, original, kMaxTreeDepth);
  } catch (...) {  // out of memory: not known to be
    return false;
  }
}

Result<std::vector<std::string>> list_names_at(int directory_fd) {
  UniqueFd own = reopen_directory(directory_fd);
  if (!own.valid()) return fail_errno(Code::internal, "cannot open a directory", errno);
  const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(own.get()));
  if (!directory) return fail_errno(Code::internal, "cannot list a directory", errno);
  (void)own.release();
  std::vector<std::string> names;
  errno = 0;
  while (const struct dirent* entry =
             ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) return fail_errno(Code::internal, "cannot list a directory", errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> list_names(const std::string& path) {
  const UniqueFd fd = open_directory_of_user(path);
  if (!fd.valid()) return fail_open(Code::no_input, path, errno);
  return list_names_at(fd.get());
}

Status remove_tree_at(int directory_fd, const std::string& name) {
  return remove_below(directory_fd, name, kMaxTreeDepth);
}

}  // namespace sifguard
