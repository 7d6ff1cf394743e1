// The node's cache of staged images: finding, naming and locking. Root.
#include "helper/stage/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <utility>

#include "helper/stage/cache_entry.h"
#include "keystore/base/boot_id.h"
#include "keystore/base/clock.h"
#include "keystore/base/lock_holders.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {
namespace {

constexpr int kLockTimeoutMs = 30000;

Result<UniqueFd> sub_directory(int parent, const std::string& name, const std::string& shown) {
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_errno(Code::config, "cannot make " + shown, errno);
  }
  return open_trusted_directory_at(parent, name, shown, Trust{0});
}

std::string joined(std::string_view salt, std::initializer_list<std::uint64_t> parts) {
  std::string text(salt);
  for (const std::uint64_t part : parts) text += ":" + std::to_string(part);
  return text;
}

/// Where a file is, and how it is there: all that identifies it.
DigestTable::Key key_of(const FileIdentity& id) {
  return {joined("file", {id.filesystem, id.filesystem_id, id.device, id.inode}),
          joined("file", {id.size, static_cast<std::uint64_t>(id.modified_ns),
                          static_cast<std::uint64_t>(id.changed_ns)})};
}

/// Whoever makes room holds each entry for a moment, to see whether it is in use, and those that it
/// drops until they are gone.
bool hold_shared(int entry) noexcept {
  constexpr std::int64_t kMs = 1000;
  return lock_before(entry, LOCK_SH, monotonic_ms() + kMs);
}

/// For people alone, so that a failure does not matter.
void count_hit(int entry) noexcept {
  const UniqueFd hits(::openat(entry, kHits, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (hits.valid() && ::write(hits.get(), "+", 1) != 1) return;
}

Status write_new_file(int directory, const char* name, std::span<const std::byte> content) {
  const UniqueFd fd(::openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fail_errno(Code::internal, "cannot make a file in the image cache", errno);
  }
  return write_all(fd.get(), content, "the image cache");
}

Status fill_entry(int directory, const PrivateCopy& copy, const std::string& record,
                  std::span<const std::byte> message, const StagedFor& by) {
  if (::fchmod(copy.fd.get(), 0444) != 0 ||
      ::linkat(copy.fd.get(), "", directory, kImageFile, AT_EMPTY_PATH) != 0) {
    return fail_errno(Code::internal, "cannot name the staged image", errno);
  }
  if (!message.empty()) SG_CHECK(write_new_file(directory, kMessageFile, message));
  SG_CHECK(write_new_file(directory, kStagedBy, as_bytes(std::to_string(by.uid))));
  SG_CHECK(write_new_file(directory, kStagedAs, as_bytes(by.name)));
  SG_CHECK(write_new_file(directory, kHits, {}));
  return write_new_file(directory, kEntryFile, as_bytes(record));
}

}  // namespace

Result<ImageCache> ImageCache::open(const std::string& directory, std::uint64_t max_bytes,
                                    std::uint64_t max_bytes_per_user, std::size_t max_names) {
  ImageCache cache;
  cache.path_ = directory;
  cache.max_bytes_ = max_bytes;
  cache.max_bytes_per_user_ = max_bytes_per_user != 0 ? max_bytes_per_user : max_bytes / 2;
  cache.max_names_ = max_names;
  auto opened = open_trusted_directory(directory, Trust{0});
  if (!opened) return tl::unexpected(std::move(opened).error().prepend("image cache"));
  cache.directory_ = *std::move(opened);
  struct stat st {};
  if (::fstat(cache.directory_.get(), &st) != 0 || (st.st_mode & 077U) != 0) {
    return fail(Code::config, "image cache " + directory + " is open to other users",
                "chmod 0700 " + directory);
  }
  SG_TRY(cache.entries_, sub_directory(cache.directory_.get(), "entries", directory + "/entries"));
  SG_TRY(cache.index_, sub_directory(cache.directory_.get(), "index", directory + "/index"));
  SG_TRY(cache.facts_, sub_directory(cache.directory_.get(), "facts", directory + "/facts"));
  SG_TRY(cache.temporary_, sub_directory(cache.directory_.get(), "tmp", directory + "/tmp"));
  SG_TRY(cache.boot_id_, read_boot_id());
  SG_TRY(cache.files_, DigestTable::open(cache.index_.get(), kFilesTable, cache.boot_id_,
                                         directory + "/index/" + kFilesTable));
  return cache;
}

Result<FileLock> ImageCache::lock() const {
  return FileLock::acquire(directory_.get(), ".lock", FileLock::Mode::exclusive, kLockTimeoutMs,
                           path_ + "/.lock");
}

std::optional<std::string> ImageCache::digest_of(const FileIdentity& identity) const {
  const auto found = files_.find(key_of(identity));
  return found ? std::optional(found->digest) : std::nullopt;
}

std::optional<std::string> ImageCache::indexed(const std::string& name) const {
  const UniqueFd fd(::openat(index_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  auto digest = read_to_end(fd.get(), 64, "cache index");
  if (!digest || digest->size() != 64 || !from_hex(*digest)) return std::nullopt;
  return *std::move(digest);
}

Status ImageCache::remember(const FileIdentity& identity, const std::string& digest,
                            std::uint32_t uid) const {
  return files_.put(key_of(identity), digest, uid, boottime_ns());
}

std::optional<CacheEntry> ImageCache::load(const std::string& name) const {
  UniqueFd directory = open_directory_at(entries_.get(), name);
  // Locked before it is read: what is complete then stays, and what is being dropped is not there.
  if (!directory.valid() || !hold_shared(directory.get())) return std::nullopt;
  const UniqueFd fd(::openat(directory.get(), kEntryFile, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  const auto text = read_to_end(fd.get(), kMaxEntryJson, "cache entry");
  if (!text) return std::nullopt;
  auto record = entry_from_json(*text, boot_id_);
  struct stat image {};
  if (!record || entry_name(*record) != name ||
      ::fstatat(directory.get(), kImageFile, &image, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(image.st_mode) ||
      static_cast<std::uint64_t>(image.st_size) != record->facts->image_size) {
    return std::nullopt;
  }
  return CacheEntry{*std::move(record), path_ + "/entries/" + name + "/" + kImageFile,
                    std::move(directory)};
}

std::optional<CacheEntry> ImageCache::at(const EntryKey& key) const {
  if (key.digest.size() != 64 || !from_hex(key.digest)) return std::nullopt;
  auto entry = load(entry_name(key));
  if (!entry || static_cast<const EntryKey&>(entry->record) != key) return std::nullopt;
  return entry;
}

std::optional<CacheEntry> ImageCache::find(const EntryKey& key) const {
  auto entry = at(key);
  if (!entry) return std::nullopt;
  ::futimens(entry->in_use.get(), nullptr);  // "now", for the LRU; a failure only ages the entry
  count_hit(entry->in_use.get());
  return entry;
}

Result<CopyTurn> ImageCache::copy_turn(std::uint32_t uid, const FileIdentity& identity,
                                       std::int64_t wait_ms) const {
  const DigestTable::Key key = key_of(identity);
  SG_TRY(const Sha256Digest name,
         sha256(as_bytes(std::to_string(uid) + " " + key.place + " " + key.state)));
  SG_TRY(DigestTable copied, files_.again());
  const auto wait = static_cast<int>(std::clamp<std::int64_t>(wait_ms, 0, 1 << 30));
  return CopyTurn::take(temporary_.get(), std::string(kCopyPrefix) + to_hex(name), boot_id_,
                        std::move(copied), uid, wait);
}

Result<CacheEntry> ImageCache::publish(PrivateCopy copy, const EntryRecord& record,
                                       std::span<const std::byte> pristine_message,
                                       const StagedFor& by) const {
  std::optional<IdleEntries> idle;
  for (;;) {
    {
      Leaving leaving(temporary_.get());
      SG_TRY(const FileLock held, lock());
      if (auto first = find(record)) return *std::move(first);
      SG_TRY(const bool room,
             make_room({Room::For::entry, copy.size, by.uid}, idle ? &*idle : nullptr, leaving));
      if (room) return add_entry(copy, record, pristine_message, by, leaving);
    }
    SG_TRY(idle, idle_entries());
  }
}

Status ImageCache::remember_content_key(const EntryRecord& record) const {
  SG_TRY(const FileLock held, lock());
  auto entry = at(record);
  if (!entry) return fail(Code::temporary, "the cache entry has gone");
  entry->record.sealed_content_key = record.sealed_content_key;
  return replace_fleeting_file(entry->in_use.get(), kEntryFile,
                               entry_to_json(entry->record, boot_id_), 0600, entry->image_path);
}

Result<CacheEntry> ImageCache::add_entry(const PrivateCopy& copy, const EntryRecord& record,
                                         std::span<const std::byte> message, const StagedFor& by,
                                         Leaving& leaving) const {
  const std::string name = entry_name(record);
  const std::string making = "new-" + name;
  const std::string shown = path_ + "/tmp/" + making;
  // A leftover of a helper killed at this very point; nobody else works under the lock.
  SG_CHECK(leaving.take(temporary_.get(), making));
  SG_TRY(const UniqueFd directory, sub_directory(temporary_.get(), making, shown));
  auto filled = fill_entry(directory.get(), copy, entry_to_json(record, boot_id_), message, by);
  // One that is torn or of another boot.
  if (filled) filled = leaving.take(entries_.get(), name);
  if (filled && ::renameat(temporary_.get(), making.c_str(), entries_.get(), name.c_str()) != 0) {
    filled = fail_errno(Code::internal, "cannot name a cache entry", errno);
  }
  if (!filled) {
    (void)leaving.take(temporary_.get(), making);
    return tl::unexpected(std::move(filled).error());
  }
  auto entry = at(record);
  if (!entry) return fail(Code::internal, "cannot read back the cache entry " + name);
  return *std::move(entry);
}

}  // namespace sifguard
