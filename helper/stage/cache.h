// The node's cache of staged images. Root; the directory is root:root 0700.
//
//   DIR/.lock               held for the moment of a change, never while waiting for a user's bytes
//   DIR/entries/NAME/       image.sif (0444, what runs), message (the pristine CryptoMessage of an
//                           encrypted image), entry.json (facts, and the sealed ephemeral key)
//   DIR/index/IDENTITY      digest of a file that was staged before
//   DIR/facts/NAME          entry.json alone, of an image that runs where it is (published.h)
//   DIR/tmp/                entries being made or removed, locks of copies
//
// NAME is the digest (SHA-256 of the file as its owner holds it), '-', and the start of a hash of
// the signers' keys and the decryption key that the entry was made with: bindings that differ in
// these do not push each other's entries out. An entry appears by one rename and never changes,
// and is not replaced while it is usable: a runtime may be opening it. Who is about to mount one
// holds a shared flock on its directory. It is believed only during the boot that made it, so
// nothing needs to be synced to disk.
// An encrypted image is kept re-keyed: its volume key is wrapped under an ephemeral key of this
// entry, and that key is sealed under the long-term key. What lies on disk opens nothing by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "helper/stage/copy.h"
#include "helper/verify/image_facts.h"
#include "keystore/base/atomic_file.h"

namespace sifguard {

/// What an entry is found by.
struct EntryKey {
  std::string digest;   ///< 64 lower-case hexadecimal digits
  std::string keyring;  ///< digest of the signers' keys that the facts were found with
  std::string key_id;   ///< long-term key of an encrypted image, else empty
  bool operator==(const EntryKey&) const = default;
};

/// Everything known about an entry besides the image itself.
struct EntryRecord : EntryKey {
  ImageFacts facts;
  std::vector<std::byte> sealed_key;  ///< ephemeral key under it (helper/release/seal.h)
};

struct CacheEntry {
  EntryRecord record;
  std::string image_path;  ///< absolute
  UniqueFd in_use;  ///< while this is open the entry is not dropped; afterwards, while mounted
};

class ImageCache {
 public:
  /// Makes the sub-directories if needed. Errors: Code::config for an untrusted directory.
  [[nodiscard]] static Result<ImageCache> open(const std::string& directory,
                                               std::uint64_t max_bytes);

  /// Where private copies are made (on the same filesystem as the entries).
  [[nodiscard]] int staging_fd() const noexcept { return temporary_.get(); }

  /// The digest under which a file of this identity was staged in this boot, if it was.
  [[nodiscard]] std::optional<std::string> digest_of(const FileIdentity& identity) const;
  Status remember(const FileIdentity& identity, const std::string& digest) const;

  /// A usable entry, freshened for the LRU; nullopt when absent, torn or of another boot.
  [[nodiscard]] std::optional<CacheEntry> find(const EntryKey& key) const;

  /// Serialises the copies of one file by one user; others neither wait nor are waited for.
  [[nodiscard]] Result<FileLock> lock_copy(std::uint32_t uid, const FileIdentity& identity,
                                           std::int64_t deadline_ms) const;

  /// Gives the copy its name. Where a usable entry of the same key is there already, that one is
  /// returned instead and the copy dropped: mind its own sealed key.
  [[nodiscard]] Result<CacheEntry> publish(PrivateCopy copy, const EntryRecord& record,
                                           std::span<const std::byte> pristine_message) const;

  /// The digest of what was staged ahead of jobs, in this boot, under this name (a canonical path
  /// or a URI).
  [[nodiscard]] std::optional<std::string> preloaded(const std::string& name) const;
  Status remember_preloaded(const std::string& name, const std::string& digest) const;

  /// What is known of an image that runs in place; nullopt when absent, torn or of another boot.
  [[nodiscard]] std::optional<EntryRecord> facts_of(const EntryKey& key) const;
  Status remember_facts(const EntryRecord& record) const;

  /// Makes room for `bytes` more by dropping entries used longest ago that no process has mounted
  /// or is about to. Errors: Code::temporary when that is not enough, and then none is dropped.
  Status make_room(std::uint64_t bytes) const;

  /// Removes leftovers of killed helpers, entries of other boots and index files without an entry.
  Status tidy() const;

 private:
  ImageCache() = default;
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] std::optional<std::string> indexed(const std::string& name) const;
  [[nodiscard]] std::optional<CacheEntry> load(const std::string& name) const;
  Status remove_entry(const std::string& name) const;
  Status tidy_temporary() const;
  Status tidy_index() const;
  Status tidy_facts() const;

  std::string path_;
  std::uint64_t max_bytes_ = 0;
  std::string boot_id_;
  UniqueFd directory_, entries_, index_, facts_, temporary_;
};

}  // namespace sifguard
