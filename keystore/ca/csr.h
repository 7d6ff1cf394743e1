// Certificate signing requests (PKCS#10, RFC 2986). Any privilege; the bytes are hostile. Only the
// public key is taken from one, and that its holder has the private half.
#pragma once

#include <string_view>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// PEM or DER, exactly one. Errors: Code::refused: malformed, not signed by its own key, or a key
/// or signature that is weak.
[[nodiscard]] Result<Pkey> public_key_of_csr(std::string_view data);

}  // namespace sifguard
