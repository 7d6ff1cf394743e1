// Key and certificate files in the one form that our readers take, PEM, whatever a program wrote:
// DER, UTF-16, a byte order mark. Any privilege; pure. What is inside is not looked at.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

/// DER of a public thing (certificate, list, request, public key) becomes PEM; text becomes plain
/// text (base/file_kind.h). What is neither stays as it is.
[[nodiscard]] std::string pem_form(std::string data);
/// The same for private keys: PKCS#8, encrypted or not, PKCS#1 and SEC 1. Errors: Code::temporary.
[[nodiscard]] Result<SecretBytes> private_pem_form(SecretBytes data);

}  // namespace sifguard
