// The working directory, and names that are relative to it. Any privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Absolute. Errors: Code::no_input where it has been removed, or this process may not know it.
[[nodiscard]] Result<std::string> working_directory();

/// `path` itself where it is absolute, else below the working directory; no link is followed, and
/// nothing needs to be there. Errors: those of working_directory(), which name `path`.
[[nodiscard]] Result<std::string> absolute_path(const std::string& path);

}  // namespace sifguard
