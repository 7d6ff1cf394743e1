// Reads files that a person names on the command line: key files, password files. Runs with the
// rights of that person, who may read them anyway; only the choice of the file is trusted.
#pragma once

#include <string>

#include "keystore/base/secret.h"

namespace sifguard {

/// The whole file. Errors: Code::no_input; Code::refused, which says what the file is, when it is
/// larger than `limit`.
[[nodiscard]] Result<SecretBytes> read_input_secret(const std::string& path, std::size_t limit);
[[nodiscard]] Result<std::string> read_input_text(const std::string& path, std::size_t limit);

}  // namespace sifguard
