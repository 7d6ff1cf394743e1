// Makes a DSSE envelope around a statement. The user's rights.
//
// It is written as sigstore does for sylabs/sif (format: helper/verify/sandbox/dsse.h): payload
// type, payload and signatures in this order, standard base64, one signature with the key's SSH
// fingerprint as keyid.
#pragma once

#include <string>
#include <string_view>

#include "keystore/crypto/signing_key.h"

namespace sifguard {

/// Errors: those of SigningKey::sign().
[[nodiscard]] Result<std::string> make_envelope(std::string_view statement, const SigningKey& key);

}  // namespace sifguard
