// The node's cache of staged images: making room and tidying. Root.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>
#include <vector>

#include "helper/stage/cache.h"
#include "helper/stage/mounted_entries.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

struct Candidate {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t used = 0;
};

std::uint64_t free_bytes(int fd) noexcept {
  struct statvfs filesystem {};
  if (::fstatvfs(fd, &filesystem) != 0) return 0;
  return static_cast<std::uint64_t>(filesystem.f_bavail) * filesystem.f_frsize;
}

/// All entries, the one used longest ago first.
Result<std::vector<Candidate>> candidates(int entries) {
  std::vector<Candidate> list;
  SG_TRY(const auto names, list_names_at(entries));
  for (const std::string& name : names) {
    struct stat directory {};
    struct stat image {};
    if (::fstatat(entries, name.c_str(), &directory, AT_SYMLINK_NOFOLLOW) != 0) continue;
    const bool have =
        ::fstatat(entries, (name + "/image.sif").c_str(), &image, AT_SYMLINK_NOFOLLOW) == 0;
    list.push_back(
        {name, have ? static_cast<std::uint64_t>(image.st_blocks) * 512 : 0,
         directory.st_mtim.tv_sec * std::int64_t{1000000000} + directory.st_mtim.tv_nsec});
  }
  std::sort(list.begin(), list.end(),
            [](const Candidate& a, const Candidate& b) { return a.used < b.used; });
  return list;
}

/// An exclusive hold on an entry that nobody is about to mount; empty when somebody is.
UniqueFd hold_unused(int entries, const std::string& name) noexcept {
  UniqueFd fd(::openat(entries, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : UniqueFd();
}

}  // namespace

Status ImageCache::remove_entry(const std::string& name) const {
  const std::string leaving = "old-" + name;
  SG_CHECK(remove_tree_at(temporary_.get(), leaving));
  if (::renameat(entries_.get(), name.c_str(), temporary_.get(), leaving.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(Code::internal, "cannot remove a cache entry", errno);
  }
  return remove_tree_at(temporary_.get(), leaving);
}

Status ImageCache::make_room(std::uint64_t bytes) const {
  SG_TRY(const FileLock held, lock());
  SG_TRY(std::vector<Candidate> entries, candidates(entries_.get()));
  std::uint64_t total = 0;
  for (const Candidate& entry : entries) total += entry.bytes;
  const auto enough = [&](std::uint64_t dropped) {
    return bytes <= max_bytes_ && total - dropped <= max_bytes_ - bytes &&
           free_bytes(entries_.get()) + dropped >= bytes;
  };
  if (enough(0)) return {};
  SG_TRY(const std::set<std::string> mounted, mounted_entries(path_ + "/entries"));
  std::vector<std::pair<std::string, UniqueFd>> chosen;
  std::uint64_t dropped = 0;
  for (const Candidate& entry : entries) {
    if (enough(dropped)) break;
    if (mounted.contains(entry.name)) continue;
    UniqueFd hold = hold_unused(entries_.get(), entry.name);
    if (!hold.valid()) continue;
    chosen.emplace_back(entry.name, std::move(hold));
    dropped += entry.bytes;
  }
  // Nothing is dropped in vain: or a large file would be a way to empty the cache for others.
  if (enough(dropped)) {
    for (const auto& [name, hold] : chosen) SG_CHECK(remove_entry(name));
    return {};
  }
  return fail(
      Code::temporary,
      "no space for the image (" + std::to_string(bytes) + " bytes) in the image cache " + path_,
      "ask the administrator to make room or to enlarge the cache");
}

Status ImageCache::tidy_temporary() const {
  SG_TRY(const auto leftovers, list_names_at(temporary_.get()));
  for (const std::string& name : leftovers) {
    if (name.rfind("copy-", 0) == 0) {
      // A lock file: whoever holds it keeps it, and whoever waits for it makes a new one.
      if (FileLock::acquire(temporary_.get(), name, FileLock::Mode::exclusive, 0, name)) {
        ::unlinkat(temporary_.get(), name.c_str(), 0);
      }
      continue;
    }
    SG_CHECK(remove_tree_at(temporary_.get(), name));
  }
  return {};
}

Status ImageCache::tidy_index() const {
  SG_TRY(auto entries, list_names_at(entries_.get()));
  SG_TRY(const auto in_place, list_names_at(facts_.get()));
  entries.insert(entries.end(), in_place.begin(), in_place.end());
  std::set<std::string> digests;
  for (const std::string& name : entries) digests.insert(name.substr(0, 64));
  SG_TRY(const auto names, list_names_at(index_.get()));
  for (const std::string& name : names) {
    const UniqueFd fd(::openat(index_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const auto digest = read_to_end(fd.get(), 64, "cache index");
    if (name.size() != 64 || !digest || !digests.contains(*digest)) {
      SG_CHECK(remove_tree_at(index_.get(), name));
    }
  }
  return {};
}

Status ImageCache::tidy() const {
  SG_TRY(const FileLock held, lock());
  SG_CHECK(tidy_temporary());
  SG_TRY(const auto names, list_names_at(entries_.get()));
  for (const std::string& name : names) {
    if (!load(name)) SG_CHECK(remove_entry(name));
  }
  SG_CHECK(tidy_facts());
  return tidy_index();
}

}  // namespace sifguard
