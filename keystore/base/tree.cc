// Listing and removing directories by descriptor. The caller's privilege.
#include "keystore/base/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr int kMaxDepth = 64;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

Status remove_below(int directory_fd, const std::string& name, int depth) {
  if (::unlinkat(directory_fd, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) {
    return fail_errno(Code::internal, "cannot remove " + name, errno);
  }
  if (depth == 0) return fail(Code::internal, "cannot remove " + name + ": too deep");
  const UniqueFd child(
      ::openat(directory_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!child.valid()) return fail_errno(Code::internal, "cannot open " + name, errno);
  SG_TRY(const auto names, list_names_at(child.get()));
  for (const std::string& entry : names) SG_CHECK(remove_below(child.get(), entry, depth - 1));
  if (::unlinkat(directory_fd, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return fail_errno(Code::internal, "cannot remove " + name, errno);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> list_names_at(int directory_fd) {
  // A descriptor of its own: fdopendir takes it over, and the offset is not shared.
  UniqueFd own(::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
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
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::no_input, "cannot open " + path, errno);
  return list_names_at(fd.get());
}

Status remove_tree_at(int directory_fd, const std::string& name) {
  return remove_below(directory_fd, name, kMaxDepth);
}

}  // namespace sifguard
