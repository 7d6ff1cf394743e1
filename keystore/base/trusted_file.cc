// Opening files whose content is obeyed: configuration, keystore, programs. Any privilege.
#include "keystore/base/trusted_file.h"
#include "keystore/base/open_error.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

namespace sifguard {
namespace {

/// What to do about a file that cannot be opened.
std::string remedy_for(const std::string& path, int error) {
  if (error == ENOENT) return "check the path, or create it";
  return open_remedy(path, error);
}

Status check_owner_and_mode(int fd, const std::string& shown, Trust trust) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::config, shown, errno);
  if (st.st_uid != 0 && st.st_uid != trust.owner) {
    return fail(Code::config,
                shown + " is owned by uid " + std::to_string(st.st_uid) + ", not by root",
                "chown root:root " + shown);
  }
  const bool sticky_directory = S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0;
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_directory) {
    return fail(Code::config, shown + " is writable by group or others", "chmod go-w " + shown);
  }
  return {};
}

Result<UniqueFd> open_checked(int directory_fd, const std::string& name, const std::string& shown,
                              int flags, Trust trust) {
  UniqueFd fd(::openat(directory_fd, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) {
    const int error = errno;
    struct stat st {};
    if (::fstatat(directory_fd, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(st.st_mode)) {
      return fail(Code::config, shown + " is a symbolic link",
                  "put the file itself there, or configure its real path");
    }
    return fail_errno(Code::config, "cannot open " + shown, error, remedy_for(shown, error));
  }
  SG_CHECK(check_owner_and_mode(fd.get(), shown, trust));
  return fd;
}

Result<std::vector<std::string>> components(const std::string& path) {
  if (path.empty() || path.front() != '/') {
    return fail(Code::config, "path is not absolute: " + path, "give a path that starts with /");
  }
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/') {
      part += c;
    } else if (!part.empty() && part != ".") {
      if (part == "..") return fail(Code::config, "path contains '..': " + path);
      parts.push_back(std::exchange(part, {}));
    } else {
      part.clear();
    }
  }
  return parts;
}

/// Opens the directory that holds the last component, checking all above it.
Result<UniqueFd> open_parent(const std::vector<std::string>& parts, std::string& shown,
                             Trust trust) {
  UniqueFd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return fail_errno(Code::config, "cannot open /", errno);
  SG_CHECK(check_owner_and_mode(directory.get(), "/", trust));
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    shown += "/" + parts[i];
    SG_TRY(directory,
           open_checked(directory.get(), parts[i], shown, O_RDONLY | O_DIRECTORY, trust));
  }
  return directory;
}

}  // namespace

Result<UniqueFd> open_trusted_directory(const std::string& path, Trust trust) {
  SG_TRY(const auto parts, components(path));
  std::string shown;
  SG_TRY(UniqueFd parent, open_parent(parts, shown, trust));
  if (parts.empty()) return parent;
  return open_trusted_directory_at(parent.get(), parts.back(), shown + "/" + parts.back(), trust);
}

Result<UniqueFd> open_trusted_file(const std::string& path, Trust trust) {
  SG_TRY(const auto parts, components(path));
  if (parts.empty()) return fail(Code::config, "not a regular file: " + path);
  std::string shown;
  SG_TRY(UniqueFd parent, open_parent(parts, shown, trust));
  return open_trusted_at(parent.get(), parts.back(), shown + "/" + parts.back(), trust);
}

Result<UniqueFd> open_trusted_directory_at(int directory_fd, const std::string& name,
                                           const std::string& shown, Trust trust) {
  return open_checked(directory_fd, name, shown, O_RDONLY | O_DIRECTORY, trust);
}

Result<UniqueFd> open_trusted_at(int directory_fd, const std::string& name,
                                 const std::string& shown, Trust trust) {
  SG_TRY(UniqueFd fd, open_checked(directory_fd, name, shown, O_RDONLY | O_NOCTTY, trust));
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, shown, errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::config, shown + " is not a regular file");
  return fd;
}

Result<std::string> read_trusted_file(const std::string& path, std::size_t limit, Trust trust) {
  SG_TRY(const UniqueFd fd, open_trusted_file(path, trust));
  auto text = read_to_end(fd.get(), limit, path);
  if (!text) return fail(Code::config, text.error().what(), text.error().remedy());
  return text;
}

Status check_trusted_program(const std::string& path, Trust trust) {
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  if (!real) {
    return fail_errno(Code::unavailable, "cannot find the program " + path, errno,
                      "install it or correct its path in the configuration");
  }
  SG_TRY(const UniqueFd fd, open_trusted_file(real.get(), trust));
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, path, errno);
  if ((st.st_mode & S_IXUSR) == 0) {
    return fail(Code::unavailable, path + " is not executable", "chmod 0755 " + path);
  }
  return {};
}

}  // namespace sifguard
