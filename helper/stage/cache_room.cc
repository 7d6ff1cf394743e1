// The node's cache of staged images: making room. Root.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entries.h"
#include "helper/stage/mounted_entries.h"
#include "keystore/base/clock.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::int64_t kMountsMs = 10000;  // to look at all mount namespaces

struct Candidate : EntryState {
  bool chosen = false;
};

std::uint64_t free_bytes(int fd) noexcept {
  struct statvfs filesystem {};
  if (::fstatvfs(fd, &filesystem) != 0) return 0;
  return static_cast<std::uint64_t>(filesystem.f_bavail) * filesystem.f_frsize;
}

Result<std::vector<Candidate>> candidates(int entries) {
  SG_TRY(auto found, entries_by_use(entries));
  std::vector<Candidate> list;
  for (EntryState& entry : found) list.push_back({std::move(entry)});
  return list;
}

/// Whether `bytes` more fit under `limit`.
bool fits(std::uint64_t taken, std::uint64_t bytes, std::uint64_t limit) noexcept {
  return bytes <= limit && taken <= limit - bytes;
}

Error no_space(std::uint64_t bytes, const std::string& cache) {
  return {
      Code::temporary,
      "no space for the image (" + std::to_string(bytes) + " bytes) in the image cache " + cache,
      "try again later, or ask the administrator to make room or to enlarge the cache"};
}

/// However long one waits.
Error larger_than_cache(std::uint64_t bytes, const std::string& cache, std::uint64_t limit) {
  return {Code::temporary,
          "no space for the image (" + std::to_string(bytes) + " bytes) in the image cache " +
              cache + ": it holds at most " + std::to_string(limit),
          "ask the administrator to raise cache_max_bytes, or to publish the image"};
}

Error larger_than_part(std::uint64_t bytes, std::uint64_t limit) {
  return {Code::temporary,
          "the image (" + std::to_string(bytes) +
              " bytes) is larger than your part of this node's image cache: one user may have " +
              std::to_string(limit),
          "ask the administrator to prefetch or to publish the image, or to raise "
          "cache_max_bytes_per_user"};
}

Error over_quota(const char* what, std::uint64_t bytes, std::uint64_t limit) {
  return {Code::temporary,
          std::string(what) + " would take " + std::to_string(bytes) +
              " bytes of this node's image cache; one user may have " + std::to_string(limit),
          "wait until others of your jobs on the node have started or ended, or ask the "
          "administrator to prefetch the image or to raise cache_max_bytes_per_user"};
}

Error too_many(std::size_t limit) {
  return {Code::temporary,
          "your images in this node's image cache, all in use, are as many as one user may have: " +
              std::to_string(limit),
          "wait until others of your jobs on the node have ended, or ask the administrator to "
          "prefetch images"};
}

}  // namespace

Result<ImageCache::IdleEntries> ImageCache::idle_entries() const {
  // In this order: who mounts an entry later than the mounts are looked at has held it before,
  // which shows now, or has found it since, which has changed its time of use when it is to be
  // dropped.
  SG_CHECK(remove_leaving(temporary_.get()));
  IdleEntries idle;
  SG_TRY(const auto names, list_names_at(entries_.get()));
  for (const std::string& name : names) {
    const UniqueFd hold = hold_unused(entries_.get(), name);
    struct stat directory {};
    if (hold.valid() && ::fstat(hold.get(), &directory) == 0) idle[name] = used_at(directory);
  }
  SG_TRY(const std::set<std::string> mounted,
         mounted_entries(path_ + "/entries", monotonic_ms() + kMountsMs));
  for (const std::string& name : mounted) idle.erase(name);
  return idle;
}

Result<bool> ImageCache::make_room(const Room& room, const IdleEntries* idle,
                                   Leaving& leaving) const {
  const bool copying = room.what == Room::For::copy;
  const std::uint64_t disk = free_bytes(entries_.get());
  if (copying && disk >= room.bytes) return true;
  SG_TRY(std::vector<Candidate> entries, candidates(entries_.get()));
  SG_TRY(const std::set<std::string> preloaded, preloaded_digests());
  const auto is_preloaded = [&](const Candidate& entry) {
    return preloaded.contains(entry.name.substr(0, 64));
  };
  const auto is_own = [&](const Candidate& entry) {
    return room.uid != 0 && entry.uid == room.uid && !is_preloaded(entry);
  };
  std::uint64_t total = 0, own = 0, dropped = 0;
  std::size_t count = entries.size(), own_count = 0;
  for (const Candidate& entry : entries) {
    total += entry.bytes;
    if (!is_own(entry)) continue;
    own += entry.bytes;
    ++own_count;
  }
  const auto own_enough = [&] {
    return copying || room.uid == 0 ||
           (fits(own, room.bytes, max_bytes_per_user_) && own_count < max_names_ / 2);
  };
  const auto enough = [&] {
    return copying ? disk + dropped >= room.bytes
                   : fits(total - dropped, room.bytes, max_bytes_) && count < max_names_;
  };
  if (own_enough() && enough()) return true;
  if (idle == nullptr) return false;

  std::vector<std::pair<std::string, UniqueFd>> chosen;
  const auto choose = [&](const auto& may_go, const auto& until) {
    for (Candidate& entry : entries) {
      if (until()) return;
      const auto found = idle->find(entry.name);
      if (entry.chosen || !may_go(entry) || found == idle->end() || found->second != entry.used) {
        continue;
      }
      UniqueFd hold = hold_unused(entries_.get(), entry.name);
      if (!hold.valid()) continue;
      chosen.emplace_back(entry.name, std::move(hold));
      entry.chosen = true;
      dropped += entry.bytes;
      --count;
      if (!is_own(entry)) continue;
      own -= entry.bytes;
      --own_count;
    }
  };
  choose(is_own, own_enough);
  if (copying) choose(is_own, enough);
  choose([&](const Candidate& entry) { return !is_preloaded(entry); }, enough);
  if (room.uid == 0) choose(is_preloaded, enough);
  // Nothing is dropped in vain: or a large file would be a way to empty the cache for others.
  if (!own_enough() && own_count >= max_names_ / 2) return tl::unexpected(too_many(max_names_ / 2));
  if (!own_enough()) {
    return tl::unexpected(over_quota("your images", own + room.bytes, max_bytes_per_user_));
  }
  if (!enough()) return tl::unexpected(no_space(room.bytes, path_));
  for (const auto& [name, hold] : chosen) SG_CHECK(leaving.take(entries_.get(), name));
  return true;
}

Status ImageCache::reserve(const CopyTurn& turn, std::uint64_t bytes) const {
  if (bytes > max_bytes_) return tl::unexpected(larger_than_cache(bytes, path_, max_bytes_));
  if (turn.uid() != 0 && bytes > max_bytes_per_user_) {
    return tl::unexpected(larger_than_part(bytes, max_bytes_per_user_));
  }
  std::optional<IdleEntries> idle;
  // Killed helpers may have left very many: they go in slices, before each is looked at in one.
  SG_TRY(const auto turns_beside, turns());
  if (turns_beside.size() > 1) SG_CHECK(remove_ended_turns(turns_beside));
  for (;;) {
    {
      Leaving leaving(temporary_.get());
      SG_TRY(const FileLock held, lock());
      SG_TRY(const CopiesInProgress others, copies_beside(turn, temporary_.get(), boot_id_));
      if (!fits(others.bytes, bytes, max_bytes_)) {
        return tl::unexpected(no_space(bytes, path_));
      }
      if (turn.uid() != 0 && !fits(others.bytes_of_user, bytes, max_bytes_per_user_)) {
        return tl::unexpected(over_quota("your images that are being copied",
                                         others.bytes_of_user + bytes, max_bytes_per_user_));
      }
      SG_TRY(const bool room,
             make_room({Room::For::copy, bytes, turn.uid()}, idle ? &*idle : nullptr, leaving));
      if (room) return turn.announce(bytes);
    }
    SG_TRY(idle, idle_entries());
  }
}

}  // namespace sifguard
