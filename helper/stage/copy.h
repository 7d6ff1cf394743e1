// One pass from the opener's pipe to an unnamed file of the cache, hashing on the way. Root.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "helper/stage/opened_image.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {

/// A complete, private copy of an image. It has no name yet: whatever ends this process frees it.
struct PrivateCopy {
  UniqueFd fd;  ///< O_RDWR, no name in any directory
  std::uint64_t size = 0;
  Sha256Digest digest{};
};

/// The same file, by a descriptor that cannot write: for who parses it. Errors: Code::internal.
[[nodiscard]] Result<UniqueFd> reopen_read_only(int fd);

struct CopyLimits {
  std::uint64_t max_bytes = 0;
  int stall_ms = 60000;  ///< without a byte for this long the copy is given up
  /// Asked for room for so many bytes, once the first of them have shown a SIF header that holds.
  std::function<Status(std::uint64_t bytes)> reserve = nullptr;
};

/// Copies into `directory_fd`'s filesystem. Errors: those of `limits.reserve`; Code::refused for
/// what is no SIF (seen at its first bytes, before any room is taken) or too large, Code::temporary
/// for lack of space or time, Code::no_input when the file ended early or changed its length while
/// it was read.
[[nodiscard]] Result<PrivateCopy> copy_image(OpenedImage& opened, int directory_fd,
                                             const CopyLimits& limits);

}  // namespace sifguard
