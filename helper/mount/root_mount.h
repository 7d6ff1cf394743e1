// An image's decrypted root as a mount that nobody sees until it is placed. Root, in a mount
// namespace of the task's own.
//
// A plain image: kernel squashfs on a loop device over its partition. An encrypted one: kernel
// squashfs on a loop device over the one file that `sifguard-imagefs` serves, whose FUSE mount is
// never placed. An OCI image: a squashfs for each layer, and an overlay of them. For sites that
// want no kernel parser `sifguard-squashfuse` serves each squashfs instead, without loop devices.
// Nothing has to be taken down: with the last process of the namespace go the squashfs, the loop
// device, the FUSE mount and the servers, in this order.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "helper/mount/detached_mount.h"
#include "helper/mount/image_server.h"
#include "helper/mount/squashfs_mount.h"
#include "helper/release/admission.h"

namespace sifguard {

/// The primary system partition of a verified image, or a layer of an OCI image.
struct ImagePartition {
  int fd = -1;  ///< of the copy that only root can write; read only
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Gives the key when it may be released; it stays the giver's.
using VolumeKeySource = std::function<Result<const VolumeKey*>()>;

class RootMount {
 public:
  /// On an existing directory. Errors: Code::internal, those of place_layers().
  Status place(const std::string& directory) const;
  /// False: files of root are shown as root's, and those that only root may read are not readable.
  [[nodiscard]] bool shows_owner() const noexcept { return shows_owner_; }
  /// Of the server (pidfd); empty for a plain image, and before Linux 5.3.
  [[nodiscard]] int server() const noexcept { return server_.get(); }
  /// For seal_content_key(); empty where it was given, and for a plain image.
  [[nodiscard]] const SecretBytes& content_key() const noexcept { return content_key_; }

 private:
  explicit RootMount(SquashfsMount squashfs)
      : mount_(std::move(squashfs.mount)), shows_owner_(squashfs.shows_owner) {}
  friend Result<RootMount> mount_plain_root(const Admission&, const ImagePartition&,
                                            const RootMountOptions&);
  friend Result<RootMount> mount_encrypted_root(const Admission&, const ImagePartition&, SealedKind,
                                                const VolumeKeySource&, const RootMountOptions&);
  friend Result<RootMount> mount_layered_root(const Admission&, std::span<const ImagePartition>,
                                              const RootMountOptions&);
  DetachedMount mount_;                ///< the only one, or the lowest layer
  std::vector<DetachedMount> higher_;  ///< the lowest first
  std::string scratch_;                ///< for several layers
  bool shows_owner_;
  UniqueFd server_;
  SecretBytes content_key_;
};

/// What nobody verified is no squashfs for the kernel to read: it has no such door. Errors:
/// Code::refused for what the kernel does not take as a squashfs, those of LoopDevice.
[[nodiscard]] Result<RootMount> mount_plain_root(const Admission& admission,
                                                 const ImagePartition& partition,
                                                 const RootMountOptions& options);

/// Of the layers of an OCI image, the lowest first, at least one. Errors: the same.
[[nodiscard]] Result<RootMount> mount_layered_root(const Admission& admission,
                                                   std::span<const ImagePartition> layers,
                                                   const RootMountOptions& options);

/// `key` is asked once its server makes itself ready, so that what a key waits for before it may be
/// released (its record on disk) costs little. Errors: those, its own, Code::config without FUSE,
/// Code::refused for a key that does not open the image, Code::temporary past the deadline. Nothing
/// is left then.
[[nodiscard]] Result<RootMount> mount_encrypted_root(const Admission& admission,
                                                     const ImagePartition& partition,
                                                     SealedKind kind, const VolumeKeySource& key,
                                                     const RootMountOptions& options);

}  // namespace sifguard
