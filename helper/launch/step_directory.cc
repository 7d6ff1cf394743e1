// A directory that Slurm's daemon made for one step. The launcher, as the user.
#include "helper/launch/step_directory.h"

#include <sys/stat.h>

#include <algorithm>

#include "helper/launch/bind.h"

namespace sifguard {
namespace {

bool has_meaning(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ',' || c == ':' || c == '\\';
}

bool is_directory_of(const std::string& path, uid_t owner, mode_t forbidden) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == owner &&
         (st.st_mode & forbidden) == 0;
}

}  // namespace

std::optional<std::string> step_directory(std::string_view path, std::string_view last,
                                          uid_t owner) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || last.empty() ||
      path.substr(slash + 1) != last || path != normalize_path(path) ||
      std::any_of(path.begin(), path.end(), has_meaning)) {
    return std::nullopt;
  }
  std::string directory(path);
  if (!is_directory_of(directory, owner, 0) ||
      !is_directory_of(directory.substr(0, slash), 0, S_IWGRP | S_IWOTH)) {
    return std::nullopt;
  }
  return directory;
}

}  // namespace sifguard
