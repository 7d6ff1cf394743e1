// Seals the key that a job or a server may have of an image under the long-term key, so that it can
// be stored on a disk. Root.
//
// There are two forms. For a key that the keystore holds: "SGSEAL2\n" (8 bytes) ‖ nonce (12) ‖
// AES-256-GCM ciphertext ‖ tag (16), under a key that HKDF derives from the private half as it is
// stored, the key's id and `context`. This needs no RSA operation, which would delay a launch, and
// nothing can open it once that private half is destroyed. For a key in a token, and in files of
// older versions: an RSA-OAEP block (label "sifguard sealed key") of a random AES-256 key (of the
// size of the long-term modulus) ‖ nonce ‖ ciphertext ‖ tag. Volume keys have no label, so no image
// can present the block of a sealed key as its own.
//
// Both authenticate `context`, which names the use and the digest of the image, so that a sealed
// key cannot be moved to another entry or be used for another purpose.
#pragma once

#include <string_view>
#include <vector>

#include "keystore/base/secret.h"
#include "keystore/crypto/rsa.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

[[nodiscard]] Result<std::vector<std::byte>> seal(const SecretBytes& secret,
                                                  const StoredPrivateKey& key,
                                                  std::string_view context);
/// Opens either form. Errors: Code::refused for anything that does not open, those of a token.
[[nodiscard]] Result<SecretBytes> unseal(std::span<const std::byte> sealed,
                                         const StoredPrivateKey& key, std::string_view context);

/// Only the RSA form.
[[nodiscard]] Result<std::vector<std::byte>> seal(const SecretBytes& secret,
                                                  const RsaPublicKey& key,
                                                  std::string_view context);
[[nodiscard]] Result<SecretBytes> unseal(std::span<const std::byte> sealed,
                                         const RsaPrivateKey& key, std::string_view context);

}  // namespace sifguard
