// Removes RSA-OAEP padding in software, for tokens that only do the RSA operation. Runs in
// sifguard-token.
#pragma once

#include <span>

#include "keystore/base/secret.h"

namespace sifguard {

/// `block` is the result of the private key's operation on the ciphertext, as long as the modulus.
/// SHA-256, MGF1 with SHA-256 (RFC 8017 7.1.2 step 3); the run time reveals nothing about the
/// block.
/// Errors: Code::refused.
[[nodiscard]] Result<SecretBytes> remove_oaep_padding(const SecretBytes& block,
                                                      std::span<const std::byte> label);

}  // namespace sifguard
