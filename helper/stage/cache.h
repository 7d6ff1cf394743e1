// The node's cache of staged images. Root; the directory is root:root 0700.
//
//   DIR/.lock               held only during a change, never while waiting for a user's bytes
//   DIR/entries/NAME/       image.sif (0444, what runs), message (the pristine CryptoMessage of a
//                           rekeyed image), entry.json (facts, and a sealed key), uid (who staged
//                           it first, decimal) and name (as what), hits (a byte for each launch
//                           that found it)
//   DIR/.tidy               held by the process that tidies: one at a time
//   DIR/index/files         digests of files that were staged before, of content that registries
//                           sent to users, and of the last copies (digest_table.h)
//   DIR/index/preloaded-BOOT-HASH   digest of the image that was staged ahead of jobs under a name
//   DIR/facts/NAME          entry.json alone, of an image that runs in place (published.h)
//   DIR/tmp/                entries being made or removed (leaving.h), turns of copies
//                           (copy_turn.h)
//
// NAME is the digest (SHA-256 of the file as its owner holds it), '-', and the start of a hash of
// the signers' keys, the decryption key and the mode of release that the entry was made with:
// bindings that differ in these do not evict each other's entries. An entry appears by one rename
// and never changes, except that a content key may be added to its entry.json. It is not replaced
// while it is usable, because a runtime may be opening it. A process that is about to mount an
// entry holds a shared flock on its directory. An entry is valid only during the boot that made it,
// so nothing needs to be synced to disk.
// For `release: pem` an encrypted image is kept rekeyed: its volume key is wrapped under a
// transient key of this entry, and that key is sealed under the long-term key. For `release: mount`
// it is kept unchanged, together with the content key that its first mount found, which is sealed
// in the same way. The files on disk alone open nothing.
//
// How room is made: an unverified copy evicts nothing while the disk has space for it. It is made
// beside the entries, and when it becomes an entry, the least recently used entries are evicted.
// Images that were staged ahead of jobs are evicted only for other such images. Each user except
// root has a limit for his copies in progress, and the same limit for the entries that he was the
// first to stage; beyond the latter his own entries are evicted. The number of entries is limited,
// too (a user may have half of them), and so are facts and preloaded names. So whatever users do,
// every directory here stays small and the lock is held briefly: large files and leftovers of
// killed helpers are not unlinked while it is held, and tidying releases it every few milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "helper/stage/cache_view.h"
#include "helper/stage/copy.h"
#include "helper/stage/copy_turn.h"
#include "helper/stage/digest_table.h"
#include "helper/stage/leaving.h"
#include "helper/verify/examined_facts.h"
#include "keystore/base/atomic_file.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/release.h"

namespace sifguard {

/// What an entry is found by.
struct EntryKey {
  std::string digest;              ///< 64 lower-case hexadecimal digits
  std::string keyring;             ///< digest of the signers' keys that the facts were found with
  std::string key_id;              ///< long-term key of an encrypted image, else empty
  Release release = Release::pem;  ///< the mode for which an encrypted image is kept; else pem
  bool operator==(const EntryKey&) const = default;
};

/// Everything known about an entry besides the image itself.
struct EntryRecord : EntryKey {
  ExaminedFacts facts;
  std::vector<std::byte>
      sealed_key;  ///< the transient key, sealed under key_id (helper/release/sealed_key.h)
  /// The same for the content key of a mounted image; empty before the first mount.
  std::vector<std::byte> sealed_content_key = {};
};

struct CacheEntry {
  EntryRecord record;
  std::string image_path;  ///< absolute
  UniqueFd in_use;  ///< while this is open the entry is not evicted; nor is it while it is mounted
};

/// For whom and as what an entry is made.
struct StagedFor {
  std::uint32_t uid = 0;
  std::string name = {};  ///< canonical, for people alone
};

class ImageCache {
 public:
  /// The most entries, and also the most facts and the most preloaded names, that there may be.
  static constexpr std::size_t kMaxNames = 4096;

  /// Makes the sub-directories if needed; `max_bytes_per_user` 0 is half of `max_bytes`. Errors:
  /// Code::config for an untrusted directory.
  [[nodiscard]] static Result<ImageCache> open(const std::string& directory,
                                               std::uint64_t max_bytes,
                                               std::uint64_t max_bytes_per_user = 0,
                                               std::size_t max_names = kMaxNames);

  /// Where private copies are made (on the same file system as the entries).
  [[nodiscard]] int staging_fd() const noexcept { return temporary_.get(); }

  /// The digest under which a file of this identity was staged in this boot, if it was.
  [[nodiscard]] std::optional<std::string> digest_of(const FileIdentity& identity) const;
  /// `uid`: the user to whom the record counts when there are too many.
  Status remember(const FileIdentity& identity, const std::string& digest,
                  std::uint32_t uid = 0) const;

  /// A usable entry, marked as used now and once more; nullopt when it is absent, incomplete or of
  /// another boot.
  [[nodiscard]] std::optional<CacheEntry> find(const EntryKey& key) const;

  /// The turn to copy one file for one user, once earlier turns for the same file and user have
  /// ended; other copies are independent. Errors: Code::temporary after `wait_ms`.
  [[nodiscard]] Result<CopyTurn> copy_turn(std::uint32_t uid, const FileIdentity& identity,
                                           std::int64_t wait_ms) const;

  /// Reserves `bytes` for a copy. Entries are evicted for it, the user's own first, only if the
  /// disk has no room otherwise. Errors: Code::temporary when there is no room or the user has too
  /// many copies in progress; then nothing is evicted.
  Status reserve(const CopyTurn& turn, std::uint64_t bytes) const;

  /// Turns the copy that was made for `by` into an entry, and makes room for it among the entries.
  /// If there already is a usable entry with the same key, that entry is returned and the copy is
  /// dropped; note that it has its own sealed key. Errors: Code::temporary when not enough entries
  /// can be evicted (only those that no process has mounted or is about to mount); then none is.
  [[nodiscard]] Result<CacheEntry> publish(PrivateCopy copy, const EntryRecord& record,
                                           std::span<const std::byte> pristine_message,
                                           const StagedFor& by) const;

  /// Stores the sealed content key of `record` in the entry with the same key. Errors:
  /// Code::temporary when that entry was removed meanwhile.
  Status remember_content_key(const EntryRecord& record) const;

  /// The digest of what was staged ahead of jobs, in this boot, under this name (a canonical path
  /// or a URI).
  [[nodiscard]] std::optional<std::string> preloaded(const ImageName& name) const;
  Status remember_preloaded(const ImageName& name, const std::string& digest) const;

  /// Whether a registry has sent this content to this user in this boot. If so, it is enough that
  /// the registry says that it would send it again.
  [[nodiscard]] bool has_fetched(std::uint32_t uid, const std::string& digest) const;
  Status remember_fetched(std::uint32_t uid, const std::string& digest) const;

  /// What is known of an image that runs in place; nullopt when it is absent, incomplete or of
  /// another boot.
  [[nodiscard]] std::optional<EntryRecord> facts_of(const EntryKey& key) const;
  Status remember_facts(const EntryRecord& record) const;

  /// All entries that are usable now, the last used first (cache_survey.cc). Errors: those of
  /// reading the directories, Code::temporary where the mounts cannot be seen in time.
  [[nodiscard]] Result<std::vector<EntryView>> survey() const;
  [[nodiscard]] Result<CacheRoom> room() const;
  /// Removes the entry of this name (EntryView). Errors: Code::absent, Code::wrong_state when a
  /// process uses it.
  Status drop(const std::string& name) const;
  /// Whether the bytes of an entry are those that were verified: reads them all. Errors:
  /// Code::absent, those of reading.
  [[nodiscard]] Result<bool> is_whole(const std::string& name) const;

  /// Removes leftovers of killed helpers, entries of other boots, and records of digests without an
  /// entry. Does nothing while another process tidies.
  Status tidy() const;

 private:
  /// What room is needed for. For an entry, its bytes are already on the disk.
  struct Room {
    enum class For { copy, entry } what;
    std::uint64_t bytes;
    std::uint32_t uid;
  };
  /// Entries that nobody was using or had mounted, and when they were last used.
  using IdleEntries = std::map<std::string, std::int64_t>;

  ImageCache() = default;
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] Result<CacheEntry> add_entry(const PrivateCopy& copy, const EntryRecord& record,
                                             std::span<const std::byte> message,
                                             const StagedFor& by, Leaving& leaving) const;
  /// Call it under the lock. False: entries must be evicted, and `idle` is needed to know which can
  /// be.
  [[nodiscard]] Result<bool> make_room(const Room& room, const IdleEntries* idle,
                                       Leaving& leaving) const;
  /// Call it without the lock, which others need meanwhile. Entries that were being removed are
  /// gone afterwards, and their space is free.
  [[nodiscard]] Result<IdleEntries> idle_entries() const;
  [[nodiscard]] Result<std::set<std::string>> preloaded_digests() const;
  [[nodiscard]] std::optional<std::string> indexed(const std::string& name) const;
  /// The digests of entries and facts.
  [[nodiscard]] Result<std::set<std::string>> known_digests() const;
  /// Call it under the lock: removes the oldest facts while there are too many.
  Status make_place_for_facts() const;
  /// Calls `each` for every name under the lock, which it releases every few milliseconds.
  Status in_slices(
      const std::vector<std::string>& names,
      const std::function<Status(const std::string& name, Leaving& leaving)>& each) const;
  [[nodiscard]] std::optional<CacheEntry> load(const std::string& name) const;
  [[nodiscard]] std::optional<CacheEntry> at(const EntryKey& key) const;
  /// Names of the turns to copy that a process holds, or held when it was killed.
  [[nodiscard]] Result<std::vector<std::string>> turns() const;
  Status remove_ended_turns(const std::vector<std::string>& names) const;
  Status tidy_temporary() const;
  Status tidy_index() const;
  Status tidy_entries() const;
  Status tidy_facts() const;

  std::string path_;
  std::uint64_t max_bytes_ = 0, max_bytes_per_user_ = 0;
  std::size_t max_names_ = kMaxNames;
  std::string boot_id_;
  UniqueFd directory_, entries_, index_, facts_, temporary_;
  DigestTable files_;
};

}  // namespace sifguard
