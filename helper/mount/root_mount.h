// An image's decrypted root as a mount that is not visible until it is placed. Root, in a mount
// namespace of the task's own.
//
// A plain image is mounted by the kernel's squashfs on a loop device over its partition; an
// encrypted image by the kernel's squashfs on a loop device over the one file that
// `sifguard-imagefs` serves, whose FUSE mount is never placed; an OCI image as an overlay of one
// squashfs for each layer. At sites that do not want the kernel to parse images,
// `sifguard-squashfuse` serves each squashfs instead, without loop devices. Nothing has to be taken
// down: the squashfs, the loop device, the FUSE mount and the servers end, in this order, with the
// last process of the namespace.
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

/// Returns the key when it may be released; whoever returns it keeps its ownership.
using VolumeKeySource = std::function<Result<const VolumeKey*>()>;

class RootMount {
 public:
  /// Mounts it on an existing directory. Errors: Code::internal, those of place_layers().
  Status place(const std::string& directory) const;
  /// False: root's files are shown as root's, so that the user cannot read those that only root may
  /// read.
  [[nodiscard]] bool shows_owner() const noexcept { return shows_owner_; }
  /// The pidfd of the server; empty for a plain image, and before Linux 5.3.
  [[nodiscard]] int server() const noexcept { return server_.get(); }
  /// For seal_content_key(); empty if the server was given it, and for a plain image.
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

/// This requires an Admission and accepts no UnverifiedAdmission: the kernel must not parse an
/// unverified squashfs. Errors: Code::refused if the kernel does not accept the partition as a
/// squashfs, those of LoopDevice.
[[nodiscard]] Result<RootMount> mount_plain_root(const Admission& admission,
                                                 const ImagePartition& partition,
                                                 const RootMountOptions& options);

/// The root of an OCI image from its layers, the lowest first, at least one. Errors: the same.
[[nodiscard]] Result<RootMount> mount_layered_root(const Admission& admission,
                                                   std::span<const ImagePartition> layers,
                                                   const RootMountOptions& options);

/// `key` is called while the server gets ready, so that the wait before a key may be released
/// (until its record is on disk) costs little time. Errors: those of mount_plain_root() and of
/// `key`, Code::config without FUSE, Code::refused for a key that does not open the image,
/// Code::temporary after the deadline. After an error nothing is left.
[[nodiscard]] Result<RootMount> mount_encrypted_root(const Admission& admission,
                                                     const ImagePartition& partition,
                                                     SealedKind kind, const VolumeKeySource& key,
                                                     const RootMountOptions& options);

}  // namespace sifguard
