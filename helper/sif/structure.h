// Rules that hold between the parts of an image. Runs where image.h runs. Internal to helper/sif.
#pragma once

#include "helper/sif/image.h"

namespace sifguard::sif {

/// Where the descriptor table lies; inside the file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// No id occurs twice; header, table and objects do not overlap; there is at most one primary
/// system partition, and the header names the same architecture; if that partition is encrypted, at
/// most one PEM RSA-OAEP message is linked to it (none: it is encrypted by a passphrase), and if
/// not, none. Sets image.primary and image.crypto_message. Errors: Code::refused.
Status check_structure(Image& image, Extent table);

/// A file system whose superblock reaches beyond its object would let a runtime read bytes that no
/// digest covers: squashfs partitions (also those that hold gocryptfs files) and ext3 partitions
/// are checked.
/// Errors: Code::refused.
Status check_partition_reach(int fd, const Image& image);

/// The same for one object that must be a squashfs. Errors: Code::refused, also when it is not one.
Status check_squashfs(int fd, const Descriptor& object);

}  // namespace sifguard::sif
