// The working directory, and paths that are relative to it. Any privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Its absolute path. Errors: Code::no_input if it has been removed, or this process may not read
/// its path.
[[nodiscard]] Result<std::string> working_directory();

/// `path` itself if it is absolute, else the path below the working directory. No link is followed,
/// and no file needs to exist there. Errors: those of working_directory(), which name `path`.
[[nodiscard]] Result<std::string> absolute_path(const std::string& path);

}  // namespace sifguard
