// The error for a mount that the kernel refused. Pure. Internal to helper/mount.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// `what` with the errno: Code::config if the node must be changed because it does not let root
/// mount or lacks `module`; Code::temporary if a resource is short; otherwise Code::refused if the
/// mount is `of_an_image`, which the kernel does not accept, and if not, the error for a missing
/// module.
[[nodiscard]] tl::unexpected<Error> mount_refusal(const std::string& what, int error_number,
                                                  const std::string& module, bool of_an_image);

}  // namespace sifguard
