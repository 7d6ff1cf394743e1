// Which boot of this host it is: what is believed for one boot is filed under it. Any rights.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Of proc(5), random/boot_id: a UUID in 36 characters. Errors: Code::temporary, Code::internal.
[[nodiscard]] Result<std::string> read_boot_id();

}  // namespace sifguard
