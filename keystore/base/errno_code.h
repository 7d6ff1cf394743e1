// The codes of errors of the operating system, the same for all callers. Any privilege; pure.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Code::temporary if there is too little room or memory, or too few processes or descriptors
/// (lack.h); Code::config if nothing can be written (EROFS); Code::internal if the disk fails (EIO)
/// or a file system is damaged; Code::cannot_write for a file above its size limit (EFBIG);
/// `otherwise` for every other errno.
[[nodiscard]] Code code_of_errno(int error_number, Code otherwise) noexcept;

}  // namespace sifguard
