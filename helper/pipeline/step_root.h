// The decrypted root of a staged image, mounted for one step (`release: mount`). Root, in the
// task's own mount namespace.
//
// The image's own key goes to `sifguard-imagefs` alone. The first time on this node it is taken
// from the CryptoMessage; after that the content key is used, which is stored sealed beside the
// staged copy and needs no derivation.
#pragma once

#include <functional>

#include "helper/mount/root_mount.h"
#include "helper/pipeline/staging.h"
#include "helper/release/key_grant.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

/// For whom the root is mounted, and for how long.
struct StepOwner {
  uid_t uid = 0;
  gid_t gid = 0;
  int daemon = -1;  ///< pidfd of its slurmstepd, which no server outlives; or -1
};

/// Records the launch and, once the record is on disk, returns the key of the grant.
using TakeStoredKey = std::function<Result<StoredPrivateKey>()>;

class StepRoot {
 public:
  /// `options` must outlive the StepRoot.
  StepRoot(const StagingOptions& options, const StepOwner& owner);

  /// The root of a staged image that is not encrypted. Errors: those of mount_plain_root(),
  /// Code::refused for a file system that is not squashfs.
  [[nodiscard]] Result<RootMount> plain(const Admission& admission, const StagedImage& staged);
  /// The root of an encrypted image. A fresh copy is put into the cache unchanged. The key is taken
  /// once, and as late as possible. Errors: those of mount_encrypted_root() and
  /// release_volume_key().
  [[nodiscard]] Result<RootMount> encrypted(const Admission& admission, const KeyGrant& grant,
                                            const TakeStoredKey& take, StagedImage& staged,
                                            const ImageCache& cache);

 private:
  [[nodiscard]] RootMountOptions root_options() const;
  const StagingOptions& options_;
  StepOwner owner_;
  UniqueFd log_;  ///< the node's log, one line for each message
};

}  // namespace sifguard
