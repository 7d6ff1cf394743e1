// The decrypted root of a staged image, mounted for one step (`release: mount`). Root, in the
// task's own mount namespace.
//
// The image's own key goes to `sifguard-imagefs` alone: out of its CryptoMessage the first time on
// this node, after that the content key that rests sealed beside the staged copy, which takes no
// derivation any more.
#pragma once

#include <functional>

#include "helper/mount/root_mount.h"
#include "helper/pipeline/staging.h"
#include "helper/release/key_grant.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

/// For whom, and how long.
struct StepOwner {
  uid_t uid = 0;
  gid_t gid = 0;
  int daemon = -1;  ///< handle (pidfd) of its slurmstepd, which no server outlives; or none
};

/// Records the launch and, once that is on disk, gives the key of the grant.
using TakeStoredKey = std::function<Result<StoredPrivateKey>()>;

class StepRoot {
 public:
  /// `options` must outlive it.
  StepRoot(const StagingOptions& options, const StepOwner& owner);

  /// Of an image that is not encrypted, and staged. Errors: those of mount_plain_root(),
  /// Code::refused for a file system that is no squashfs.
  [[nodiscard]] Result<RootMount> plain(const Admission& admission, const StagedImage& staged);
  /// Of an encrypted one; what is a fresh copy gets its place in the cache, as it came. The key is
  /// taken once, and as late as it can be. Errors: those of mount_encrypted_root() and
  /// release_volume_key().
  [[nodiscard]] Result<RootMount> encrypted(const Admission& admission, const KeyGrant& grant,
                                            const TakeStoredKey& take, StagedImage& staged,
                                            const ImageCache& cache);

 private:
  [[nodiscard]] RootMountOptions root_options() const;
  const StagingOptions& options_;
  StepOwner owner_;
  UniqueFd log_;  ///< the node's, a line a message
};

}  // namespace sifguard
