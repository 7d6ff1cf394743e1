// Converts key and certificate files from other forms (DER, UTF-16, with a byte order mark) to PEM,
// the only form that our readers accept. Any privilege; pure. The content is not examined.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

/// DER of a public object (certificate, list, request, public key) becomes PEM; text becomes plain
/// text (base/file_kind.h). Other data is unchanged.
[[nodiscard]] std::string pem_form(std::string data);
/// The same for private keys: PKCS#8, encrypted or not, PKCS#1 and SEC 1. Errors: Code::temporary.
[[nodiscard]] Result<SecretBytes> private_pem_form(SecretBytes data);

}  // namespace sifguard
