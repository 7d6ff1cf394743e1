// A signer whose key is in a PKCS#11 token: a smart card, an HSM, SoftHSM. The user's rights.
//
// The token is used through sifguard-token, like those of the keystore: its warnings are respected,
// and a PIN that it refused is not tried again from the same file.
#pragma once

#include <memory>
#include <string>

#include "helper/tools/signer.h"

namespace sifguard {

/// Where the PIN is read from, when the token needs one. Without either, the terminal is asked.
struct PinSource {
  std::string file;
  int fd = -1;
};

/// `uri`: see pkcs11_uri.h. The PKCS#11 library is that of the URI, else that of the environment
/// variable PKCS11_MODULE_PATH, else all that p11-kit knows. Errors: those of token_key.h;
/// Code::cancelled when nobody can be asked for a PIN; Code::no_input for a PIN file that cannot be
/// read.
[[nodiscard]] Result<std::unique_ptr<Signer>> make_token_signer(const std::string& uri,
                                                                const PinSource& source);

}  // namespace sifguard
