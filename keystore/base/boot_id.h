// The id of this boot, which is stored with data that is valid for one boot only. Any privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// From /proc/sys/kernel/random/boot_id (proc(5)): a UUID of 36 characters. Errors:
/// Code::temporary, Code::internal.
[[nodiscard]] Result<std::string> read_boot_id();

}  // namespace sifguard
