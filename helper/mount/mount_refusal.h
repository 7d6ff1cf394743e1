// What it means that the kernel refuses a mount. Pure. Internal to helper/mount.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// `what` with the errno, as Code::config where the node must change: it does not let root mount,
/// or lacks `module`; Code::temporary for a lack; else Code::refused, if it is something
/// `of_an_image` that the kernel does not take, and the module's again if it is not.
[[nodiscard]] tl::unexpected<Error> mount_refusal(const std::string& what, int error_number,
                                                  const std::string& module, bool of_an_image);

}  // namespace sifguard
