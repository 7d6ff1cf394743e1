// A directory that Slurm's daemon made for one step. The launcher, as the user.
#include "helper/launch/step_directory.h"

#include <sys/stat.h>

#include <algorithm>

#include "helper/launch/bind.h"

namespace sifguard {
namespace {

bool is_control_character(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// `path` of the form that is asked for, without a trailing slash.
std::optional<std::string> normal_form(std::string_view path, std::string_view last) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || last.empty() ||
      path.substr(slash + 1) != last || path != normalize_path(path) ||
      std::any_of(path.begin(), path.end(), is_control_character)) {
    return std::nullopt;
  }
  return std::string(path);
}

std::optional<struct stat> directory(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) return std::nullopt;
  return st;
}

bool is_roots_alone(const struct stat& st) {
  return st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool is_safe_from_others(const struct stat& st, uid_t owner) {
  return is_roots_alone(st) || (st.st_uid == 0 && (st.st_mode & S_ISVTX) != 0) ||
         (st.st_uid == owner && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

}  // namespace

std::optional<std::string> step_directory(std::string_view path, std::string_view last,
                                          uid_t owner) {
  const auto normal = normal_form(path, last);
  if (!normal) return std::nullopt;
  const auto own = directory(*normal);
  const auto base = directory(normal->substr(0, normal->rfind('/')));
  const bool slurms = own && own->st_uid == owner && base && is_roots_alone(*base);
  return slurms ? normal : std::nullopt;
}

std::optional<std::string> step_directory_in(std::string_view base, std::string_view last,
                                             uid_t owner) {
  if (base.ends_with('/')) base.remove_suffix(1);
  const auto normal = normal_form(std::string(base) + "/" + std::string(last), last);
  if (!normal) return std::nullopt;
  const auto own = directory(*normal);
  const auto around = directory(std::string(base));
  const bool slurms = own && own->st_uid == owner && around && is_safe_from_others(*around, owner);
  return slurms ? normal : std::nullopt;
}

}  // namespace sifguard
