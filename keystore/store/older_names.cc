// What files of a keystore were called before. The caller's privilege.
#include "keystore/store/older_names.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "keystore/base/atomic_file.h"
#include "keystore/base/contains.h"
#include "keystore/base/in_place.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kOlderSigners = "signers";
constexpr std::string_view kJson = ".json";
constexpr std::string_view kYaml = ".yaml";
constexpr std::array<std::string_view, 9> kStems = {
    "meta", "seal", "revoked", "published", "breakglass", "bundle", "index", "sources", "fetched"};
constexpr int kMaxDepth = 4;  // ca/authorities/NAME/meta.yaml

bool lacks(int directory, const std::string& name) noexcept {
  return ::faccessat(directory, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/// `name` with the one ending in the place of the other; empty if it is not one of the files.
std::string other_ending(std::string_view name, std::string_view from, std::string_view to) {
  if (!name.ends_with(from)) return {};
  name.remove_suffix(from.size());
  if (!contains(kStems, name)) return {};
  return std::string(name).append(to);
}

/// Where both are there, the newer counts, as for who reads it.
Status rename_one(const EntryParent& in, const std::string& from, const std::string& to) {
  const int fd = in.fd.get();
  if (::renameat2(fd, from.c_str(), fd, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST && ::unlinkat(fd, from.c_str(), 0) == 0) return {};
  if (errno == EISDIR) {
    return fail(Code::config, in.shown + " has '" + from + "' and '" + to + "'",
                "compare them, and move the one away that is not wanted");
  }
  return fail_errno(Code::temporary, "cannot rename " + in.shown + "/" + from + " to " + to, errno);
}

Status rename_below(const EntryParent& directory, Trust trust, int depth) {
  SG_TRY(const auto names, list_entries(directory));
  for (const std::string& name : names) {
    struct stat st {};
    if (::fstatat(directory.fd.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(st.st_mode) && depth < kMaxDepth) {
      SG_TRY(const EntryParent inner, open_parent(directory, name, trust));
      SG_CHECK(rename_below(inner, trust, depth + 1));
    } else if (const std::string today = other_ending(name, kYaml, kJson); !today.empty()) {
      SG_CHECK(rename_one(directory, name, today));
    }
  }
  return {};
}

Status note_move(const EntryParent& keystore) {
  const UniqueFd note(
      ::openat(keystore.fd.get(), kMoving, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (note.valid()) return sync_directory(keystore.fd.get(), keystore.shown);
  return fail_errno(Code::temporary, "cannot make " + keystore.shown + "/" + kMoving, errno);
}

}  // namespace

std::string older_name(std::string_view name) {
  const std::size_t start = name.rfind('/') + 1;  // npos + 1 is 0
  const std::string_view last = name.substr(start);
  const std::string older = last == kSigners ? kOlderSigners : other_ending(last, kJson, kYaml);
  return older.empty() ? older : std::string(name.substr(0, start)) + older;
}

std::string newer_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::string_view above = path.substr(0, path.size() - last.size());
  const std::string today = other_ending(last, kYaml, kJson);
  std::string all = std::string(above).append(today.empty() ? last : std::string_view(today));
  const std::string signers = std::string(kOlderSigners) + "/";
  return all.starts_with(signers) ? std::string(kSigners) + "/" + all.substr(signers.size()) : all;
}

std::string present_name(int directory_fd, const std::string& name) {
  std::string older = older_name(name);
  if (older.empty() || !lacks(directory_fd, name)) return name;
  // What has neither name was renamed in between, or is not there: `name` is right.
  return lacks(directory_fd, older) ? name : older;
}

bool is_absent(int directory_fd, const std::string& name) {
  if (!lacks(directory_fd, name)) return false;
  const std::string older = older_name(name);
  // Once more: it may have been renamed in between.
  return older.empty() || (lacks(directory_fd, older) && lacks(directory_fd, name));
}

Status use_newer_names(const EntryParent& keystore, Trust trust) {
  const int fd = keystore.fd.get();
  const bool is_older = !lacks(fd, kOlderSigners);
  if (!is_older && lacks(fd, kMoving)) return {};
  SG_CHECK(note_move(keystore));
  if (is_older) {
    SG_CHECK(rename_one(keystore, kOlderSigners, kSigners));
    SG_CHECK(sync_directory(fd, keystore.shown));
  }
  SG_CHECK(rename_below(keystore, trust, 0));
  if (::syncfs(fd) != 0) {
    return fail_errno(Code::temporary, "cannot make durable " + keystore.shown, errno);
  }
  if (::unlinkat(fd, kMoving, 0) != 0) {
    return fail_errno(Code::temporary, "cannot remove " + keystore.shown + "/" + kMoving, errno);
  }
  return sync_directory(fd, keystore.shown);
}

}  // namespace sifguard
