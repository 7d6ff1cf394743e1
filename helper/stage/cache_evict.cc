// The node's cache of staged images: making room and tidying. Root.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "helper/stage/cache.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxMountinfo = 16U << 20U;

struct Candidate {
  std::string digest;
  std::uint64_t bytes = 0;
  std::int64_t used = 0;
};

/// Digests of the entries that some process on the node has mounted, whatever its namespace.
std::set<std::string> mounted_entries() {
  std::set<std::string> digests;
  const auto processes = list_names("/proc");
  if (!processes) return digests;
  for (const std::string& pid : *processes) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const UniqueFd fd(::open(("/proc/" + pid + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) continue;
    const auto text = read_to_end(fd.get(), kMaxMountinfo, "mountinfo");
    if (!text) continue;
    // The root of a bind mount is a path inside its filesystem: only its tail is known here.
    constexpr std::string_view kBefore = "/entries/";
    for (std::size_t at = text->find(kBefore); at != std::string::npos;
         at = text->find(kBefore, at + 1)) {
      const std::string digest = text->substr(at + kBefore.size(), 64);
      if (digest.size() == 64 && from_hex(digest)) digests.insert(digest);
    }
  }
  return digests;
}

std::uint64_t free_bytes(int fd) noexcept {
  struct statvfs filesystem {};
  if (::fstatvfs(fd, &filesystem) != 0) return 0;
  return static_cast<std::uint64_t>(filesystem.f_bavail) * filesystem.f_frsize;
}

std::vector<Candidate> candidates(int entries) {
  std::vector<Candidate> list;
  const auto names = list_names_at(entries);
  if (!names) return list;
  for (const std::string& name : *names) {
    struct stat directory {};
    struct stat image {};
    if (::fstatat(entries, name.c_str(), &directory, AT_SYMLINK_NOFOLLOW) != 0) continue;
    const bool have =
        ::fstatat(entries, (name + "/image.sif").c_str(), &image, AT_SYMLINK_NOFOLLOW) == 0;
    list.push_back({name, have ? static_cast<std::uint64_t>(image.st_blocks) * 512 : 0,
                    directory.st_mtim.tv_sec});
  }
  std::sort(list.begin(), list.end(),
            [](const Candidate& a, const Candidate& b) { return a.used < b.used; });
  return list;
}

}  // namespace

Status ImageCache::remove_entry(const std::string& digest) const {
  const std::string leaving = "old-" + digest;
  SG_CHECK(remove_tree_at(temporary_.get(), leaving));
  if (::renameat(entries_.get(), digest.c_str(), temporary_.get(), leaving.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(Code::internal, "cannot remove a cache entry", errno);
  }
  return remove_tree_at(temporary_.get(), leaving);
}

Status ImageCache::make_room(std::uint64_t bytes) const {
  SG_TRY(const FileLock held, lock());
  std::vector<Candidate> entries = candidates(entries_.get());
  std::uint64_t total = 0;
  for (const Candidate& entry : entries) total += entry.bytes;
  const auto enough = [&] {
    return total + bytes <= max_bytes_ && free_bytes(entries_.get()) >= bytes;
  };
  if (enough()) return {};
  const std::set<std::string> mounted = mounted_entries();
  for (const Candidate& entry : entries) {
    if (mounted.contains(entry.digest)) continue;
    SG_CHECK(remove_entry(entry.digest));
    total -= entry.bytes;
    if (enough()) return {};
  }
  return fail(
      Code::temporary,
      "no space for the image (" + std::to_string(bytes) + " bytes) in the image cache " + path_,
      "ask the administrator to make room or to enlarge the cache");
}

Status ImageCache::tidy() const {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const auto leftovers, list_names_at(temporary_.get()));
  for (const std::string& name : leftovers) {
    if (name.rfind("copy-", 0) == 0) {
      // A lock file: whoever holds or waits for it keeps it.
      if (FileLock::acquire(temporary_.get(), name, FileLock::Mode::exclusive, 0, name)) {
        ::unlinkat(temporary_.get(), name.c_str(), 0);
      }
      continue;
    }
    SG_CHECK(remove_tree_at(temporary_.get(), name));
  }
  SG_TRY(const auto digests, list_names_at(entries_.get()));
  for (const std::string& digest : digests) {
    if (!find(digest)) SG_CHECK(remove_entry(digest));
  }
  return {};
}

}  // namespace sifguard
