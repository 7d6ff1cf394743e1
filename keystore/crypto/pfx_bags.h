// The content of a PFX file whose MAC is good: its bags of keys and certificates. Any privilege.
#pragma once

#include <openssl/pkcs12.h>

#include "keystore/crypto/pfx.h"

namespace sifguard {

/// `password` is NUL-terminated or null; `library` knows the ciphers. Errors: Code::refused.
[[nodiscard]] Result<Pfx> open_bags(const PKCS12* pfx, const char* password, OSSL_LIB_CTX* library);

}  // namespace sifguard
