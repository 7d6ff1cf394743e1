// The node's cache of staged images. Root; the directory is root:root 0700.
//
//   DIR/.lock               held for the moment of a change, never while waiting for a user's bytes
//   DIR/entries/DIGEST/     image.sif (0444, what runs), message (the pristine CryptoMessage of an
//                           encrypted image), entry.json (facts, and the sealed ephemeral key)
//   DIR/index/IDENTITY      digest of a file that was staged before
//   DIR/tmp/                entries being made or removed
//
// DIGEST is the SHA-256 of the file as its owner holds it. An entry appears by one rename and never
// changes; it is believed only during the boot that made it, so nothing needs to be synced to disk.
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

/// Everything known about an entry besides the image itself.
struct EntryRecord {
  std::string digest;   ///< 64 lower-case hexadecimal digits
  std::string keyring;  ///< digest of the signers' keys that the facts were found with
  ImageFacts facts;
  std::string key_id;                 ///< long-term key of an encrypted image, else empty
  std::vector<std::byte> sealed_key;  ///< ephemeral key under it (helper/release/seal.h)
};

struct CacheEntry {
  EntryRecord record;
  std::string image_path;  ///< absolute
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
  [[nodiscard]] std::optional<CacheEntry> find(const std::string& digest) const;

  /// Serialises the copies of one file by one user; others neither wait nor are waited for.
  [[nodiscard]] Result<FileLock> lock_copy(std::uint32_t uid, const FileIdentity& identity,
                                           std::int64_t deadline_ms) const;

  /// Gives the copy its name, replacing an older entry of the digest.
  [[nodiscard]] Result<CacheEntry> publish(PrivateCopy copy, const EntryRecord& record,
                                           std::span<const std::byte> pristine_message) const;

  /// Makes room for `bytes` more by dropping entries used longest ago that no process has mounted.
  /// Errors: Code::temporary when that is not enough.
  Status make_room(std::uint64_t bytes) const;

  /// Removes leftovers of killed helpers and entries of other boots.
  Status tidy() const;

 private:
  ImageCache() = default;
  [[nodiscard]] Result<FileLock> lock() const;
  Status remove_entry(const std::string& digest) const;

  std::string path_;
  std::uint64_t max_bytes_ = 0;
  std::string boot_id_;
  UniqueFd directory_, entries_, index_, temporary_;
};

}  // namespace sifguard
