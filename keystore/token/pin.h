// The PIN of a token. Runs in sifguard-token.
#pragma once

#include <string>

#include "keystore/base/secret.h"

namespace sifguard {

/// Reads the file that `source`, the pin-source of a URI (RFC 7512 2.4: a path or a file: URI),
/// names, without a line end. Errors: Code::config unless it is for its owner alone.
[[nodiscard]] Result<SecretBytes> read_pin(const std::string& source);

}  // namespace sifguard
