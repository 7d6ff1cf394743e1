// The digest that identifies a whole image. Any privilege.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// "sha256:" and 64 lower-case hexadecimal digits, of a regular file from its beginning. `shown`:
/// its name for messages. Errors: Code::no_input.
[[nodiscard]] Result<std::string> file_digest(int fd, const std::string& shown);

}  // namespace sifguard
