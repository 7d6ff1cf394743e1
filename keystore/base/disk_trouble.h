// The trouble of a disk has one code, whoever meets it. Any privilege; pure.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Code::temporary where there is no room, Code::config where nothing can be written, and
/// Code::internal where the disk fails; `otherwise` for every other errno.
[[nodiscard]] Code code_of_disk_trouble(int error_number, Code otherwise) noexcept;

}  // namespace sifguard
