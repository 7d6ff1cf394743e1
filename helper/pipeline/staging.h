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

/// An image whose bytes are ours and whose facts are known; nothing has judged them yet.
/// Only stage_image() makes one.
class StagedImage {
 public:
  [[nodiscard]] const std::string& digest() const noexcept { return record_.digest; }
  [[nodiscard]] const ExaminedFacts& facts() const noexcept { return record_.facts; }
  [[nodiscard]] const EntryRecord& record() const noexcept { return record_; }
  /// What is mounted: the cache's file or, of a published image, the image itself.
  [[nodiscard]] std::string source() const;
  /// The file itself, if it runs where it is (helper/stage/published.h); else -1.
  [[nodiscard]] int in_place() const noexcept { return in_place_.get(); }
  /// Where the cache has it; null for a fresh copy that has not been published, or in place.
  [[nodiscard]] const CacheEntry* entry() const noexcept { return entry_ ? &*entry_ : nullptr; }
  [[nodiscard]] bool is_fresh() const noexcept { return copy_.has_value(); }
  /// source(), to be read. Errors: Code::internal.
  [[nodiscard]] Result<UniqueFd> open() const;
  /// The fresh copy; call only while is_fresh().
  [[nodiscard]] const PrivateCopy& copy() const noexcept { return *copy_; }

  /// Puts a fresh copy, rekeyed or not encrypted, into the cache; an image from there, or one that
  /// runs in place, stays where it is. Afterwards entry() is what runs: another helper's, if that
  /// came first.
  Status publish(const ImageCache& cache, const EntryRecord& record,
                 std::span<const std::byte> pristine_message);
  /// Beside what is staged, for the next launch. Errors: those of ImageCache.
  Status remember_content_key(const ImageCache& cache, std::vector<std::byte> sealed);

 private:
  friend class Staging;
  explicit StagedImage(EntryRecord record) : record_(std::move(record)) {}
  EntryRecord record_;
  std::optional<CacheEntry> entry_;
  std::optional<PrivateCopy> copy_;
  UniqueFd in_place_;
  std::optional<CopyTurn> turn_;          ///< until it is published, so that who waits will find it
  std::optional<FileIdentity> identity_;  ///< to be remembered once it is published
  bool fetched_ = false;                  ///< the same
};

/// Those of `keys` that may open it: what the cache has is of one of them.
[[nodiscard]] std::vector<KeyRecord> candidates(const StagedImage& staged,
                                                const std::vector<KeyRecord>& keys);

/// Told what takes its time from now on, "copying /apps/x.sif (12 GiB)"; empty when that is over.
using TellDoing = std::function<void(std::string_view what)>;

struct StagingOptions {
  std::string libexec_dir;
  std::string scratch_dir;  ///< for gpg's in-memory home
  std::string gpg;
  Identity verifier;
  std::uint64_t image_max_bytes = 0;
  std::string published;    ///< directory of images that run in place
  int stage_timeout_s = 0;  ///< to wait for another copy of the file, and again to copy it
  int verify_timeout_s = 0;
  /// The image's filesystem cannot forge a file's identity, and its own is known.
  bool trust_identity = false;
  std::uint32_t uid = 0;
  MountDriver mount_driver = MountDriver::kernel;  ///< with Release::mount
  std::string squashfuse;                          ///< for MountDriver::fuse
  Release release = Release::pem;                  ///< how encrypted images are kept
  TellDoing tell = nullptr;                        ///< may be null
};

/// How this node opens an image for `owner`; the deadline, for that alone, begins now.
[[nodiscard]] OpenOptions open_options(const Config& config, Identity owner);
/// The word of the bindings, or else of the node.
[[nodiscard]] Release release_for(const Decision& decision, const Config& config);
/// How this node stages what was opened, but for `uid`. Errors: Code::config without the account
/// that verifies.
[[nodiscard]] Result<StagingOptions> staging_options(const OpenedImage& opened,
                                                     const Decision& decision,
                                                     const Config& config);

/// How the sandboxed programs are run for one launch; its deadline begins now.
[[nodiscard]] ExamineOptions examination_of(const StagingOptions& options);

/// Of a binding that lets run only what was staged ahead of jobs (Decision::preloaded()).
[[nodiscard]] Error not_preloaded(const Decision& decision);

/// Reuses a cache entry that was examined with the same signers' keys (and is kept for this release
/// under one of `key_ids`, or not encrypted if there are none); otherwise copies the bytes and
/// examines them. Every path checks the digest that the decision pins. Errors: those of
/// copy_image() and examine_image().
[[nodiscard]] Result<StagedImage> stage_image(OpenedImage opened, const Decision& decision,
                                              const Keyring& keyring, const ImageCache& cache,
                                              const std::vector<std::string>& key_ids,
                                              const StagingOptions& options);

}  // namespace sifguard
