// What the system lacks, forbids or breaks has one code, whoever meets it. Any privilege; pure.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Code::temporary where there is a lack of room, memory, processes or descriptors (lack.h),
/// Code::config where nothing can be written (EROFS), Code::internal where the disk fails (EIO, or
/// a file system that is damaged), Code::cannot_write for a file beyond a limit of its size
/// (EFBIG); `otherwise` for every other errno.
[[nodiscard]] Code code_of_errno(int error_number, Code otherwise) noexcept;

}  // namespace sifguard
