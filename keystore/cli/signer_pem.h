// What `sifctl signer add` makes of a PEM file: a raw public key or a certificate. Runs with the
// rights of the admin.
#pragma once

#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

/// `label`: what the admin calls a raw key, which has no name of its own. Errors: Code::refused for
/// what cannot be a signer, a private key above all.
[[nodiscard]] Result<NewSigner> read_pem_signer(const std::string& data, const std::string& label);

}  // namespace sifguard
