// Directories that contain one key or signer each: made, replaced and removed as a whole. Runs with
// the rights of the keystore's owner.
#include "keystore/store/entry_directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "keystore/base/atomic_file.h"
#include "keystore/base/in_place.h"
#include "keystore/base/overwrite.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/store/older_names.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr int kMaxDiscarded = 4;  // of what discard_directory() deletes; ours are one deep

/// What cannot be listed is left.
std::vector<std::string> names_in(int directory_fd) {
  return list_names_at(directory_fd).value_or(std::vector<std::string>());
}

/// Fills a file that has no other name with zeros, as well as can be: it may hold a key, or half of
/// one.
void wipe(int directory_fd, const std::string& name) {
  const UniqueFd fd(
      ::openat(directory_fd, name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) return;
  (void)overwrite_file(fd.get(), name);
}

enum class Wipe { no, yes };

void discard(int parent_fd, const std::string& name, int depth, Wipe files) {
  const UniqueFd fd = open_directory_at(parent_fd, name);
  if (fd.valid() && depth < kMaxDiscarded) {
    for (const auto& inner : names_in(fd.get())) {
      if (files == Wipe::yes) wipe(fd.get(), inner);
      if (::unlinkat(fd.get(), inner.c_str(), 0) != 0) discard(fd.get(), inner, depth + 1, files);
    }
  }
  ::unlinkat(parent_fd, name.c_str(), AT_REMOVEDIR);
}

/// Whether `name` still is the directory that was opened as `fd`.
bool is_named(int parent_fd, const std::string& name, int fd) noexcept {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd, &ours) == 0 &&
         ::fstatat(parent_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/// Under the lock nobody else is writing: whatever has a temporary name is a crash's, and nobody
/// has begun to read it under another name who would still be at it.
void discard_leftovers(const EntryParent& parent) {
  for (const auto& name : names_in(parent.fd.get())) {
    if (name.starts_with(kTemporary)) discard(parent.fd.get(), name, 0, Wipe::yes);
  }
}

Status fill(const EntryParent& parent, const std::string& name,
            const std::vector<EntryFile>& files) {
  const UniqueFd fd = open_directory_at(parent.fd.get(), name);
  if (!fd.valid()) return fail_errno(Code::internal, "cannot open " + parent.shown, errno);
  for (const EntryFile& file : files) {
    SG_CHECK(replace_file(fd.get(), file.name, file.content, file.mode,
                          parent.shown + "/" + name + "/" + file.name));
  }
  return {};
}

/// Puts the filled directory in its place; afterwards the old one, if any, has the temporary name.
Status publish(const EntryParent& parent, const std::string& temporary, const std::string& name) {
  const int fd = parent.fd.get();
  if (::renameat2(fd, temporary.c_str(), fd, name.c_str(), RENAME_EXCHANGE) != 0 &&
      (errno != ENOENT || ::renameat(fd, temporary.c_str(), fd, name.c_str()) != 0)) {
    return fail_errno(Code::internal, "cannot put in place " + parent.shown + "/" + name, errno,
                      "keep the keystore on a local filesystem");
  }
  return sync_change(fd, parent.shown + "/" + name);
}

}  // namespace

Result<EntryParent> open_parent(const EntryParent& above, const std::string& name, Trust trust) {
  const auto open = [&](const std::string& present) -> Result<EntryParent> {
    std::string shown = above.shown + "/" + present;
    SG_TRY(UniqueFd fd, open_trusted_directory_at(above.fd.get(), present, shown, trust));
    return EntryParent{std::move(fd), std::move(shown), above.writes};
  };
  const std::string present = present_name(above.fd.get(), name);
  auto parent = open(present);
  if (parent || present == name) return parent;
  return open(present_name(above.fd.get(), name));  // it may have been renamed meanwhile
}

Result<std::optional<EntryParent>> find_parent(const EntryParent& above, const std::string& name,
                                               Trust trust) {
  if (is_absent(above, name)) return std::optional<EntryParent>();
  SG_TRY(EntryParent found, open_parent(above, name, trust));
  return std::optional<EntryParent>(std::move(found));
}

Result<EntryParent> make_parent(const EntryParent& above, const std::string& name, Trust trust) {
  if (above.writes == Writes::withheld) {
    if (is_absent(above, name)) return EntryParent{{}, above.shown + "/" + name, above.writes};
    return open_parent(above, name, trust);
  }
  if (::mkdirat(above.fd.get(), present_name(above.fd.get(), name).c_str(), 0700) == 0) {
    SG_CHECK(sync_directory(above.fd.get(), above.shown));
  } else if (errno != EEXIST) {
    return fail_errno(Code::config, "cannot make " + above.shown + "/" + name, errno);
  }
  return open_parent(above, name, trust);
}

bool is_absent(const EntryParent& parent, const std::string& name) {
  return !parent.fd.valid() || is_absent(parent.fd.get(), name);
}

bool has_entry(const EntryParent& parent, const std::string& name) noexcept {
  const auto there = [&](const std::string& one) {
    return ::faccessat(parent.fd.get(), one.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  };
  const std::string older = older_name(name);
  // Once more: it may have been renamed in between.
  return there(name) || (!older.empty() && (there(older) || there(name)));
}

Result<std::string> make_hidden_directory(const EntryParent& parent, std::string_view prefix) {
  std::array<std::byte, 8> noise{};
  if (::getrandom(noise.data(), noise.size(), 0) != static_cast<ssize_t>(noise.size())) {
    return fail_errno(Code::internal, "cannot get random bytes", errno);
  }
  std::string name = std::string(prefix) + to_hex(noise);
  if (::mkdirat(parent.fd.get(), name.c_str(), 0700) != 0) {
    return fail_errno(Code::config, "cannot make a directory in " + parent.shown, errno);
  }
  return name;
}

void discard_directory(const EntryParent& parent, const std::string& name) noexcept {
  try {
    discard(parent.fd.get(), name, 0, Wipe::no);
  } catch (...) {  // out of memory: the next writer deletes it
    return;
  }
}

void wipe_directory(const EntryParent& parent, const std::string& name) noexcept {
  try {
    discard(parent.fd.get(), name, 0, Wipe::yes);
  } catch (...) {
    return;
  }
}

void discard_leftover_files(const EntryParent& directory) noexcept {
  if (directory.writes == Writes::withheld) return;
  try {
    for (const auto& name : names_in(directory.fd.get())) {
      if (!name.starts_with('.') || !name.ends_with(".tmp")) continue;
      wipe(directory.fd.get(), name);
      ::unlinkat(directory.fd.get(), name.c_str(), 0);
    }
  } catch (...) {  // out of memory: the next writer deletes them
    return;
  }
}

Status put_entry(const EntryParent& parent, const std::string& name,
                 const std::vector<EntryFile>& files) {
  if (parent.writes == Writes::withheld) return {};
  discard_leftovers(parent);
  SG_TRY(const std::string temporary, make_hidden_directory(parent, kTemporary));
  auto done = taken_back(fill(parent, temporary, files));
  if (done) done = publish(parent, temporary, name);
  discard_directory(parent, temporary);
  return done;
}

Status remove_entry(const EntryParent& parent, const std::string& name) {
  if (parent.writes == Writes::withheld) return {};
  discard_leftovers(parent);
  const std::string temporary = std::string(kTemporary) + name;
  const int fd = parent.fd.get();
  if (::renameat(fd, name.c_str(), fd, temporary.c_str()) != 0) {
    return fail_errno(Code::internal, "cannot remove " + parent.shown + "/" + name, errno);
  }
  SG_CHECK(sync_change(fd, parent.shown + "/" + name));
  discard_directory(parent, temporary);
  return {};
}

Status read_entry(const EntryParent& parent, const std::string& name, Trust trust,
                  const std::function<Status(int, const std::string&)>& read) {
  constexpr int kAttempts = 10;  // writers take a lock and make files durable: readers are faster
  const std::string shown = parent.shown + "/" + name;
  for (int attempt = 1;; ++attempt) {
    SG_TRY(const UniqueFd fd, open_trusted_directory_at(parent.fd.get(), name, shown, trust));
    Status done = read(fd.get(), shown);
    // What was replaced meanwhile may have been overwritten, too, and part of it read as zeros.
    if (attempt == kAttempts || is_named(parent.fd.get(), name, fd.get())) return done;
  }
}

Result<std::vector<std::string>> list_entries(const EntryParent& parent) {
  if (!parent.fd.valid()) return std::vector<std::string>();  // it would have been made
  auto names = list_names_at(parent.fd.get());
  if (!names) {
    return fail_errno(Code::config, "cannot list " + parent.shown, names.error().error_number());
  }
  std::erase_if(*names, [](const std::string& name) { return name.starts_with('.'); });
  return names;
}

Status read_entries(const EntryParent& parent,
                    const std::function<Status(const std::string&)>& read) {
  SG_TRY(const auto names, list_entries(parent));
  for (const std::string& name : names) {
    Status done = read(name);
    if (!done && has_entry(parent, name)) done = read(name);  // perhaps removed and added again
    if (!done && has_entry(parent, name)) return done;
  }
  return {};
}

Result<StorePlace> locate_store(const std::string& path, Trust trust) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? std::string() : path.substr(slash + 1);
  if (path.empty() || path.front() != '/' || name.empty() || name == "." || name == "..") {
    return fail(Code::usage, "not a usable keystore directory: '" + path + "'",
                "give an absolute path");
  }
  const std::string above = slash == 0 ? "/" : path.substr(0, slash);
  auto fd = open_trusted_directory(above, trust);
  if (!fd) return tl::unexpected(std::move(fd).error().prepend("directory above the keystore"));
  return StorePlace{{*std::move(fd), above}, name};
}

}  // namespace sifguard
