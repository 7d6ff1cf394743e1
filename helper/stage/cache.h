// The node's cache of staged images. Root; the directory is root:root 0700.
//
//   DIR/.lock               held for the moment of a change, never while waiting for a user's bytes
//   DIR/entries/NAME/       image.sif (0444, what runs), message (the pristine CryptoMessage of a
//                           rekeyed image), entry.json (facts, and a sealed key), uid (who staged
//                           it first, decimal)
//   DIR/.tidy               held by whoever tidies: one at a time
//   DIR/index/files         digests of files that were staged before, of what registries have sent
//                           to whom, and of the last copies (digest_table.h)
//   DIR/index/preloaded-BOOT-HASH   digest of what was staged ahead of jobs under a name
//   DIR/facts/NAME          entry.json alone, of an image that runs where it is (published.h)
//   DIR/tmp/                entries being made or removed (leaving.h), turns of copies
//   (copy_turn.h)
//
// NAME is the digest (SHA-256 of the file as its owner holds it), '-', and the start of a hash of
// the signers' keys, the decryption key and the mode of release that the entry was made with:
// bindings that differ in these do not push each other's entries out. An entry appears by one
// rename and never changes, but for a content key that is remembered in its entry.json; it is not
// replaced while it is usable: a runtime may be opening it. Who is about to mount one
// holds a shared flock on its directory. It is believed only during the boot that made it, so
// nothing needs to be synced to disk.
// For `release: pem` an encrypted image is kept rekeyed: its volume key is wrapped under a
// transient key of this entry, and that key is sealed under the long-term key. For `release: mount`
// it is kept as it came, and with it, sealed likewise, the content key that its first mount found.
// What lies on disk opens nothing by itself.
//
// Room. What nobody has verified yet pushes nothing out while the disk has space for it: a copy is
// made beside the entries, and these give way, the one used longest ago first, when it becomes one
// of them. What was staged ahead of jobs goes for nothing but more of that. Each user but root has
// a limit, for his copies in progress and again for the entries that he was the first to stage;
// past the latter his own go. Entries have a limit in number, too, of which a user has half, and so
// have facts and preloaded names: whatever users do, every directory here stays small, and what is
// done under the lock short: nothing large is unlinked under it, nor is what killed helpers left.
// Tidying lets go of the lock every few milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
  Release release = Release::pem;  ///< that an encrypted image is kept for; else pem
  bool operator==(const EntryKey&) const = default;
};

/// Everything known about an entry besides the image itself.
struct EntryRecord : EntryKey {
  ExaminedFacts facts;
  std::vector<std::byte> sealed_key;  ///< transient key under it (helper/release/sealed_key.h)
  /// Likewise the content key of a mounted image; empty before the first mount.
  std::vector<std::byte> sealed_content_key = {};
};

struct CacheEntry {
  EntryRecord record;
  std::string image_path;  ///< absolute
  UniqueFd in_use;  ///< while this is open the entry is not dropped; afterwards, while mounted
};

class ImageCache {
 public:
  /// How many entries, facts and preloaded names there may be, each.
  static constexpr std::size_t kMaxNames = 4096;

  /// Makes the sub-directories if needed; `max_bytes_per_user` 0 is half of `max_bytes`. Errors:
  /// Code::config for an untrusted directory.
  [[nodiscard]] static Result<ImageCache> open(const std::string& directory,
                                               std::uint64_t max_bytes,
                                               std::uint64_t max_bytes_per_user = 0,
                                               std::size_t max_names = kMaxNames);

  /// Where private copies are made (on the same filesystem as the entries).
  [[nodiscard]] int staging_fd() const noexcept { return temporary_.get(); }

  /// The digest under which a file of this identity was staged in this boot, if it was.
  [[nodiscard]] std::optional<std::string> digest_of(const FileIdentity& identity) const;
  /// `uid`: at whose cost others' files are forgotten where there are too many.
  Status remember(const FileIdentity& identity, const std::string& digest,
                  std::uint32_t uid = 0) const;

  /// A usable entry, freshened for the LRU; nullopt when absent, torn or of another boot.
  [[nodiscard]] std::optional<CacheEntry> find(const EntryKey& key) const;

  /// The turn to copy one file for one user, after those before have ended; others neither wait
  /// nor are waited for. Errors: Code::temporary after `wait_ms`.
  [[nodiscard]] Result<CopyTurn> copy_turn(std::uint32_t uid, const FileIdentity& identity,
                                           std::int64_t wait_ms) const;

  /// Lets a copy of `bytes` begin, if the disk has room for it: entries go for it only where it has
  /// not, the user's own first. Errors: Code::temporary when there is none or the user has too many
  /// copies in progress, and then nothing is dropped.
  Status reserve(const CopyTurn& turn, std::uint64_t bytes) const;

  /// Gives the copy that `uid` had made its name, and makes room for it among the entries. Where a
  /// usable entry of the same key is there already, that one is returned instead and the copy
  /// dropped: mind its own sealed key. Errors: Code::temporary when not enough entries can go (no
  /// process has them mounted or is about to), and then none does.
  [[nodiscard]] Result<CacheEntry> publish(PrivateCopy copy, const EntryRecord& record,
                                           std::span<const std::byte> pristine_message,
                                           std::uint32_t uid) const;

  /// The sealed content key of `record`, into the entry of its key. Errors: Code::temporary when
  /// that has gone meanwhile.
  Status remember_content_key(const EntryRecord& record) const;

  /// The digest of what was staged ahead of jobs, in this boot, under this name (a canonical path
  /// or a URI).
  [[nodiscard]] std::optional<std::string> preloaded(const ImageName& name) const;
  Status remember_preloaded(const ImageName& name, const std::string& digest) const;

  /// Whether a registry has sent this content to this user in this boot: then its word that it
  /// would send it again is enough.
  [[nodiscard]] bool has_fetched(std::uint32_t uid, const std::string& digest) const;
  Status remember_fetched(std::uint32_t uid, const std::string& digest) const;

  /// What is known of an image that runs in place; nullopt when absent, torn or of another boot.
  [[nodiscard]] std::optional<EntryRecord> facts_of(const EntryKey& key) const;
  Status remember_facts(const EntryRecord& record) const;

  /// Removes leftovers of killed helpers, entries of other boots and what is known of digests
  /// without an entry. Nothing to do while another process does so.
  Status tidy() const;

 private:
  /// What room is wanted for; the disk already has what is to become an entry.
  struct Room {
    enum class For { copy, entry } what;
    std::uint64_t bytes;
    std::uint32_t uid;
  };
  /// Entries that nobody was using or had mounted, and when they had been used.
  using IdleEntries = std::map<std::string, std::int64_t>;

  ImageCache() = default;
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] Result<CacheEntry> add_entry(const PrivateCopy& copy, const EntryRecord& record,
                                             std::span<const std::byte> message, std::uint32_t uid,
                                             Leaving& leaving) const;
  /// Under the lock. False: entries must go, and `idle` is needed to know which can.
  [[nodiscard]] Result<bool> make_room(const Room& room, const IdleEntries* idle,
                                       Leaving& leaving) const;
  /// Without the lock, which others want meanwhile. What is leaving has gone then: its space shows.
  [[nodiscard]] Result<IdleEntries> idle_entries() const;
  [[nodiscard]] Result<std::set<std::string>> preloaded_digests() const;
  [[nodiscard]] std::optional<std::string> indexed(const std::string& name) const;
  /// Of entries and facts.
  [[nodiscard]] Result<std::set<std::string>> known_digests() const;
  /// Under the lock: as long as there are too many, the oldest goes.
  Status make_place_for_facts() const;
  /// Calls `each` for every name, under the lock, which it lets go of every few milliseconds.
  Status in_slices(
      const std::vector<std::string>& names,
      const std::function<Status(const std::string& name, Leaving& leaving)>& each) const;
  [[nodiscard]] std::optional<CacheEntry> load(const std::string& name) const;
  /// Names of the turns to copy that somebody has, or had when he was killed.
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
