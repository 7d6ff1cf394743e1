// From an opened image to one that is staged and examined: from the cache, or copied and verified.
// Root.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helper/release/keyring.h"
#include "helper/stage/cache.h"
#include "keystore/base/child.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// An image whose bytes are ours and whose facts are known but not yet judged.
/// Only stage_image() makes one.
class StagedImage {
 public:
  [[nodiscard]] const std::string& digest() const noexcept { return record_.digest; }
  [[nodiscard]] const ExaminedFacts& facts() const noexcept { return record_.facts; }
  [[nodiscard]] const EntryRecord& record() const noexcept { return record_; }
  /// The file that is mounted: the cache's or, for a published image, the image itself.
  [[nodiscard]] std::string source() const;
  /// The image file, if it runs in place (helper/stage/published.h); else -1.
  [[nodiscard]] int in_place() const noexcept { return in_place_.get(); }
  /// Where the cache has it; null for a fresh copy that has not been published, or in place.
  [[nodiscard]] const CacheEntry* entry() const noexcept { return entry_ ? &*entry_ : nullptr; }
  [[nodiscard]] bool is_fresh() const noexcept { return copy_.has_value(); }
  /// source(), opened for reading. Errors: Code::internal.
  [[nodiscard]] Result<UniqueFd> open() const;
  /// The fresh copy; call only while is_fresh().
  [[nodiscard]] const PrivateCopy& copy() const noexcept { return *copy_; }

  /// Puts a fresh copy, rekeyed or not encrypted, into the cache. An image from the cache, or one
  /// that runs in place, stays where it is. Afterwards entry() is what runs; it is another helper's
  /// if that one was first.
  Status publish(const ImageCache& cache, const EntryRecord& record,
                 std::span<const std::byte> pristine_message);
  /// Stores it beside what is staged, for the next launch. Errors: those of ImageCache.
  Status remember_content_key(const ImageCache& cache, std::vector<std::byte> sealed);

 private:
  friend class Staging;
  explicit StagedImage(EntryRecord record) : record_(std::move(record)) {}
  EntryRecord record_;
  std::optional<CacheEntry> entry_;
  std::optional<PrivateCopy> copy_;
  UniqueFd in_place_;
  std::optional<CopyTurn>
      turn_;  ///< held until it is published, so that those who wait will find it
  std::optional<FileIdentity> identity_;  ///< to be recorded once it is published
  bool fetched_ = false;                  ///< the same
  std::string name_;                      ///< the same, by which it was opened
};

/// Those of `keys` that may open it; an entry of the cache belongs to one key.
[[nodiscard]] std::vector<KeyRecord> candidates(const StagedImage& staged,
                                                const std::vector<KeyRecord>& keys);

/// Called with the step that now takes long, "copying /apps/x.sif (12 GiB)", and with an empty text
/// when it is over.
using TellDoing = std::function<void(std::string_view what)>;

struct StagingOptions {
  std::string libexec_dir;
  std::string scratch_dir;  ///< for gpg's in-memory home
  std::string gpg;
  Identity verifier;
  std::uint64_t image_max_bytes = 0;
  std::string published;  ///< directory of images that run in place
  int stage_timeout_s =
      0;  ///< limit for waiting for another copy of the file, and again for copying it
  int verify_timeout_s = 0;
  /// The image's file system cannot forge a file's identity, and the identity is known.
  bool trust_identity = false;
  std::uint32_t uid = 0;
  MountDriver mount_driver = MountDriver::kernel;  ///< with Release::mount
  std::string squashfuse;                          ///< for MountDriver::fuse
  Release release = Release::pem;                  ///< how encrypted images are kept
  TellDoing tell = nullptr;                        ///< may be null
};

/// How this node opens an image for `owner`; the deadline, which is for opening alone, begins now.
[[nodiscard]] OpenOptions open_options(const Config& config, Identity owner);
/// What the bindings say, or else the node's configuration.
[[nodiscard]] Release release_for(const Decision& decision, const Config& config);
/// How this node stages the opened image; the caller sets `uid`. Errors: Code::config without the
/// account that verifies.
[[nodiscard]] Result<StagingOptions> staging_options(const OpenedImage& opened,
                                                     const Decision& decision,
                                                     const Config& config);

/// How the sandboxed programs are run for one launch; its deadline begins now.
[[nodiscard]] ExamineOptions examination_of(const StagingOptions& options);

/// The refusal of a binding that allows only images that were staged ahead of jobs
/// (Decision::preloaded()).
[[nodiscard]] Error not_preloaded(const Decision& decision);

/// Reuses a cache entry that was examined with the same signers' keys (and is kept for this release
/// under one of `key_ids`, or not encrypted if there are none); otherwise copies the bytes and
/// examines them. In both cases the digest that the decision pins is checked. Errors: those of
/// copy_image() and examine_image().
[[nodiscard]] Result<StagedImage> stage_image(OpenedImage opened, const Decision& decision,
                                              const Keyring& keyring, const ImageCache& cache,
                                              const std::vector<std::string>& key_ids,
                                              const StagingOptions& options);

}  // namespace sifguard
