// A signer whose key is in a PKCS#11 token: a smart card, an HSM, SoftHSM. The user's rights.
//
// The token is asked by sifguard-token, as the keystore's are: what it warns of is heeded, and a
// PIN that it has refused is not tried again out of the same file.
#pragma once

#include <memory>
#include <string>

#include "helper/tools/signer.h"

namespace sifguard {

/// Where the PIN is, if not at the terminal, which is asked when the token wants one.
struct PinSource {
  std::string file;
  int fd = -1;
};

/// `uri`: pkcs11_uri.h. The library is the URI's, else that of the environment variable
/// PKCS11_MODULE_PATH, else all that p11-kit knows. Errors: those of token_key.h; Code::cancelled
/// when nobody can be asked for a PIN; Code::no_input for a file of the PIN that cannot be read.
[[nodiscard]] Result<std::unique_ptr<Signer>> make_token_signer(const std::string& uri,
                                                                const PinSource& source);

}  // namespace sifguard
