// Reads a PEM file for `sifctl signer add`: a raw public key or a certificate. Runs with the rights
// of the admin.
#pragma once

#include "keystore/cli/signer_openpgp.h"

namespace sifguard {

/// `label`: the admin's name for a raw key, which has no name of its own. Errors: Code::refused for
/// a file that cannot be a signer, such as a private key.
[[nodiscard]] Result<NewSigner> read_pem_signer(const std::string& data, const std::string& label);

}  // namespace sifguard
