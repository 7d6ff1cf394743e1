// The PKCS#11 URI of a key (RFC 7512), parsed as far as sif-sign needs it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct Pkcs11Uri {
  std::string object;      ///< "pkcs11:…" without its query: what identifies the key
  std::string module;      ///< absolute path of the module, from module-path; may be empty
  std::string pin_source;  ///< absolute path of a file with the PIN, from pin-source; may be empty
};

/// Errors: Code::usage, for example for a pin-value, which everybody on the machine could read in
/// the process list.
[[nodiscard]] Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view uri);

}  // namespace sifguard
