// Where an encrypted image's bytes are. Root. This parses none of them; the driver does.
//
// Format (Apptainer): a LUKS image is its partition. A gocryptfs image is a squashfs with two files
// in its root: gocryptfs.conf, and what gocryptfs encrypted, under any name.
#pragma once

#include <string>

#include "helper/mount/root_mount.h"

namespace sifguard {

/// Owns the descriptors in its SealedFile, except that of a LUKS partition.
class SealedImage {
 public:
  /// Errors: Code::refused for a squashfs without these two files, those of mounts and loop
  /// devices.
  [[nodiscard]] static Result<SealedImage> open(const ImagePartition& partition, SealedKind kind,
                                                const RootMountOptions& options);
  [[nodiscard]] const SealedFile& file() const noexcept { return file_; }

 private:
  SealedFile file_;
  UniqueFd data_;
  UniqueFd conf_;
};

}  // namespace sifguard
