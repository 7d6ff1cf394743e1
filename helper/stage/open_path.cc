// Opening a user's path without magic links. The job's owner's rights.
#include "helper/stage/open_path.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr int kMostLinks = 40;  // as the kernel

bool is_of_proc(int fd) {
  struct statfs filesystem {};
  return ::fstatfs(fd, &filesystem) != 0 ||
         static_cast<std::uint64_t>(filesystem.f_type) == PROC_SUPER_MAGIC;
}

/// "self", "mounts" and the like are ordinary links; the magic ones are those of processes.
bool is_root_of_proc(int directory) {
  constexpr ino_t kRoot = 1;
  struct stat st {};
  return ::fstat(directory, &st) == 0 && st.st_ino == kRoot;
}

/// Where the link `fd` in `directory` leads; empty with errno when it may not be followed.
std::string target_of(int fd, int directory) {
  if (is_of_proc(fd) && !is_root_of_proc(directory)) {
    errno = ELOOP;
    return {};
  }
  std::array<char, PATH_MAX> text{};
  const ssize_t length = ::readlinkat(fd, "", text.data(), text.size());
  if (length == 0) errno = ENOENT;
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

/// Takes the first component off `path`, with the slashes that follow; "." for none.
std::string take_component(std::string& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  std::string component = path.substr(0, end);
  path.erase(0, std::min(path.find_first_not_of('/', end), path.size()));
  return component.empty() ? "." : component;
}

UniqueFd directory_at(const std::string& path) {
  const char* const start = path[0] == '/' ? "/" : ".";
  return UniqueFd(::open(start, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int walk(std::string path, int flags) {
  if (path.empty()) errno = ENOENT;
  if (path.empty()) return -1;
  UniqueFd directory = directory_at(path);
  for (int links = 0; directory.valid();) {
    const bool slash = path.find('/') != std::string::npos;
    const std::string component = take_component(path);
    UniqueFd next(::openat(directory.get(), component.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat st {};
    if (!next.valid() || ::fstat(next.get(), &st) != 0) return -1;
    if (S_ISLNK(st.st_mode)) {
      std::string target = target_of(next.get(), directory.get());
      if (target.empty()) return -1;
      if (++links > kMostLinks) errno = ELOOP;
      if (links > kMostLinks) return -1;
      if (target[0] == '/') directory = directory_at(target);
      path = target + (slash ? "/" : "") + path;
      continue;
    }
    if (path.empty()) {
      // Not a link a moment ago; one that has taken its place is not followed.
      const int only = slash ? O_DIRECTORY : 0;
      return ::openat(directory.get(), component.c_str(), flags | only | O_NOFOLLOW);
    }
    directory = std::move(next);
  }
  return -1;
}

}  // namespace

int open_without_magic_links(const char* path, int flags) noexcept {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const auto fd = static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
  if (fd >= 0 || errno != ENOSYS) return fd;
  try {
    return walk(path, flags);
  } catch (const std::bad_alloc&) {
    errno = ENOMEM;
    return -1;
  }
}

}  // namespace sifguard
