// Copies the opener's pipe in one pass to an unnamed file of the cache, and hashes the bytes
// meanwhile. Root.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "helper/stage/opened_image.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

/// A complete, private copy of an image. It has no name yet, so it is freed however this process
/// ends.
struct PrivateCopy {
  UniqueFd fd;  ///< O_RDWR, no name in any directory
  std::uint64_t size = 0;
  Sha256Digest digest{};
};

/// The same file by a read-only descriptor, for the process that parses it. Errors: Code::internal.
[[nodiscard]] Result<UniqueFd> reopen_read_only(int fd);

struct CopyLimits {
  std::uint64_t max_bytes = 0;
  int stall_ms = 60000;  ///< the copy is given up if no byte comes for this long
  /// Called to reserve room for so many bytes, once the first bytes were found to be a valid SIF
  /// header.
  std::function<Status(std::uint64_t bytes)> reserve = nullptr;
};

/// Copies into `directory_fd`'s file system. Errors: those of `limits.reserve`; Code::refused for a
/// file that is not a SIF (seen at its first bytes, before any room is reserved) or too large,
/// Code::temporary for lack of space or time, Code::no_input when the file ended early or changed
/// its length while it was read.
[[nodiscard]] Result<PrivateCopy> copy_image(OpenedImage& opened, int directory_fd,
                                             const CopyLimits& limits);

}  // namespace sifguard
