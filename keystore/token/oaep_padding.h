// Taking RSA-OAEP padding off in software, for tokens that only compute. Runs in sifguard-token.
#pragma once

#include <span>

#include "keystore/base/secret.h"

namespace sifguard {

/// `block` is what the private key made of the ciphertext, as long as the modulus. SHA-256, MGF1
/// with SHA-256 (RFC 8017 7.1.2 step 3); the time taken says nothing about the block.
/// Errors: Code::refused.
[[nodiscard]] Result<SecretBytes> remove_oaep_padding(const SecretBytes& block,
                                                      std::span<const std::byte> label);

}  // namespace sifguard
