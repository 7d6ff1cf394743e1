// The node's cache of staged images, for people: what is there, and whether it is as it was. Root.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "helper/stage/cache.h"
#include "helper/stage/cache_entries.h"
#include "helper/stage/cache_entry.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/policy/image_name.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNs = 1000000000;

std::optional<struct stat> file_of(int entry, const char* name) {
  struct stat file {};
  const bool there = ::fstatat(entry, name, &file, AT_SYMLINK_NOFOLLOW) == 0;
  return there ? std::optional(file) : std::nullopt;
}

Error no_entry(const std::string& name) {
  return {Code::absent, "the cache has no entry " + printable(name, kMaxImageName)};
}

/// The bytes as they were before the message was replaced by the one for a transient key.
void restore_message(std::span<std::byte> bytes, std::uint64_t offset, std::string_view message,
                     std::uint64_t message_offset) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    const std::uint64_t at = message_offset + i;
    if (at >= offset && at - offset < bytes.size()) {
      bytes[at - offset] = static_cast<std::byte>(message[i]);
    }
  }
}

Result<std::string> pristine_digest(int image, std::string_view message,
                                    std::uint64_t message_offset) {
  std::vector<std::byte> block(std::size_t{1} << 20U);
  Sha256 hash;
  std::uint64_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(image, block.data(), block.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(Code::internal, "cannot read a cached image", errno);
    if (got == 0) break;
    const std::span<std::byte> bytes(block.data(), static_cast<std::size_t>(got));
    restore_message(bytes, offset, message, message_offset);
    hash.update(bytes);
    offset += bytes.size();
  }
  SG_TRY(const Sha256Digest digest, hash.finish());
  return to_hex(digest);
}

EntryView view_of(const EntryState& state, const CacheEntry& entry) {
  const int directory = entry.in_use.get();
  EntryView shown{state.name, entry.record.digest, {}, entry.record.key_id, entry.record.release};
  shown.bytes = state.bytes;
  shown.staged_by = static_cast<std::uint32_t>(state.uid);
  shown.used_s = state.used / kNs;
  if (const auto uid = file_of(directory, kStagedBy)) shown.staged_s = uid->st_mtim.tv_sec;
  if (const auto hits = file_of(directory, kHits)) {
    shown.hits = static_cast<std::uint64_t>(hits->st_size);
  }
  shown.staged_as = small_file(directory, kStagedAs, kMaxImageName);
  return shown;
}

}  // namespace

Result<std::vector<EntryView>> ImageCache::survey() const {
  SG_TRY(const IdleEntries idle, idle_entries());
  SG_TRY(const std::set<std::string> preloaded, preloaded_digests());
  SG_TRY(auto states, entries_by_use(entries_.get()));
  std::reverse(states.begin(), states.end());
  std::vector<EntryView> views;
  for (const EntryState& state : states) {
    const auto entry = load(state.name);
    if (!entry) continue;  // dropped meanwhile, or of another boot
    EntryView shown = view_of(state, *entry);
    shown.in_use = !idle.contains(state.name);
    shown.prefetched = preloaded.contains(shown.digest);
    views.push_back(std::move(shown));
  }
  return views;
}

Result<CacheRoom> ImageCache::room() const {
  struct statvfs disk {};
  if (::fstatvfs(entries_.get(), &disk) != 0) {
    return fail_errno(Code::internal, "cannot look at the disk of " + path_, errno);
  }
  return CacheRoom{max_bytes_, max_bytes_per_user_,
                   static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize};
}

Status ImageCache::drop(const std::string& name) const {
  if (!load(name)) return tl::unexpected(no_entry(name));
  SG_TRY(const IdleEntries idle, idle_entries());
  Leaving leaving(temporary_.get());
  SG_TRY(const FileLock held, lock());
  const UniqueFd hold = hold_unused(entries_.get(), name);
  struct stat directory {};
  const auto found = idle.find(name);
  const bool unused = hold.valid() && ::fstat(hold.get(), &directory) == 0 && found != idle.end() &&
                      found->second == used_at(directory);
  if (!unused) {
    return fail(Code::wrong_state, "a job uses the entry " + name, "try again when it has ended");
  }
  return leaving.take(entries_.get(), name);
}

Result<bool> ImageCache::is_whole(const std::string& name) const {
  const auto entry = load(name);
  if (!entry) return tl::unexpected(no_entry(name));
  const int directory = entry->in_use.get();
  const UniqueFd image(::openat(directory, kImageFile, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!image.valid()) return fail_errno(Code::internal, "cannot open a cached image", errno);
  const auto& place = entry->record.facts->message;
  std::string message;
  if (place) message = small_file(directory, kMessageFile, place->size);
  SG_TRY(const std::string digest,
         pristine_digest(image.get(), message, place ? place->offset : std::uint64_t{0}));
  return digest == entry->record.digest;
}

}  // namespace sifguard
