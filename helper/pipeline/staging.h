// From an opened image to one that is staged and examined: from the cache, or copied and verified.
// Root.
#pragma once

#include <optional>
#include <string>

#include "helper/process/child.h"
#include "helper/stage/cache.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// An image whose bytes are ours and whose facts are known; nothing has judged them yet.
/// Only stage_image() makes one.
class StagedImage {
 public:
  [[nodiscard]] const std::string& digest() const noexcept { return record_.digest; }
  [[nodiscard]] const ImageFacts& facts() const noexcept { return record_.facts; }
  [[nodiscard]] const EntryRecord& record() const noexcept { return record_; }
  /// Where the cache has it; null for a fresh copy that has not been published.
  [[nodiscard]] const CacheEntry* entry() const noexcept { return entry_ ? &*entry_ : nullptr; }
  /// The fresh copy; call only while entry() is null.
  [[nodiscard]] PrivateCopy& copy() noexcept { return *copy_; }

 private:
  friend class Staging;
  StagedImage() = default;
  EntryRecord record_;
  std::optional<CacheEntry> entry_;
  std::optional<PrivateCopy> copy_;
};

struct StagingOptions {
  std::string libexec_dir;
  std::string scratch_dir;  ///< for gpg's in-memory home
  std::string gpg;
  Identity verifier;
  std::uint64_t image_max_bytes = 0;
  int verify_timeout_s = 0;
  bool trust_identity = false;  ///< the image's filesystem cannot forge a file's identity
  std::uint32_t uid = 0;
};

/// Reuses a cache entry that was examined with the same signers' keys (and re-keyed under `key_id`
/// where that is not empty); otherwise copies the bytes and examines them. Every path checks the
/// digest that the decision pins. Errors: those of copy_image() and examine_image().
[[nodiscard]] Result<StagedImage> stage_image(OpenedImage opened, const Decision& decision,
                                              const Keystore& keystore, const ImageCache& cache,
                                              const std::string& key_id,
                                              const StagingOptions& options);

}  // namespace sifguard
