// A private key in a PKCS#11 token: a smart card, an HSM, SoftHSM. The user's rights.
//
// Through OpenSSL's pkcs11-provider where it is installed (OpenSSL 3.2 and later systems), else
// through the libp11 engine. The key never leaves the token.
#pragma once

#include <functional>

#include "helper/tools/pkcs11_uri.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

using AskPin = std::function<Result<SecretBytes>()>;

/// `ask_pin` is called at most once, when the token wants a PIN: a second attempt could lock it.
/// The module is the URI's, else that of the environment variable PKCS11_MODULE_PATH, else all that
/// p11-kit knows. Errors: Code::unavailable when OpenSSL has no way to PKCS#11; Code::refused when
/// there is no such key or the token refuses; those of `ask_pin`.
[[nodiscard]] Result<Pkey> open_pkcs11_key(const Pkcs11Uri& uri, const AskPin& ask_pin);

}  // namespace sifguard
