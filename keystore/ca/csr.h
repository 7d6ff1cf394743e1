// Certificate signing requests (PKCS#10, RFC 2986). Any privilege; the bytes are hostile. A request
// only provides the public key, and the proof that its holder has the private half.
#pragma once

#include <string_view>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// `data`: exactly one request, PEM or DER. Errors: Code::refused if it is malformed or not signed
/// by its own key, or if key or signature are weak.
[[nodiscard]] Result<Pkey> public_key_of_csr(std::string_view data);

}  // namespace sifguard
