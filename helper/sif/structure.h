// Rules that hold between the parts of an image. Runs where image.h runs. Internal to helper/sif.
#pragma once

#include "helper/sif/image.h"

namespace sifguard::sif {

/// Where the descriptor table lies; inside the file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// No id twice; no two of header, table and objects overlap; one primary system partition at most
/// and the header names no other architecture than it; one PEM RSA-OAEP message at most linked to
/// it when it is encrypted (none: it is encrypted with a passphrase) and none when it is not. Sets
/// image.primary and image.crypto_message. Errors: Code::refused.
Status check_structure(Image& image, Extent table);

/// A file system whose superblock reaches beyond its object would let a runtime read bytes that no
/// digest covers: squashfs (also as a shell of gocryptfs) and ext3 partitions are checked.
/// Errors: Code::refused.
Status check_partition_reach(int fd, const Image& image);

/// The same of one object that must be a squashfs. Errors: Code::refused, also when it is none.
Status check_squashfs(int fd, const Descriptor& object);

}  // namespace sifguard::sif
