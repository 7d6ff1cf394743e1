// Sealing what a job or a server may have of an image under the long-term key, so that it can rest
// on a disk. Root.
//
// Two forms. Under a key that the keystore holds: "SGSEAL2\n" (8 bytes) ‖ nonce (12) ‖ AES-256-GCM
// ciphertext ‖ tag (16), under a key that HKDF derives of the private half as it is stored, the
// key's id and `context`: no RSA, which a launch would have to wait for, and nothing opens it any
// more once that private half is gone. Under a key in a token, and by sifguard of before: an
// RSA-OAEP block (label "sifguard sealed key") of a random AES-256 key (the long-term modulus'
// size) ‖ nonce ‖ ciphertext ‖ tag. The label keeps it apart from volume keys, which have none: no
// image can offer the block of a sealed key as its own.
//
// `context` is authenticated in both: it names the use and the digest of the image, so that a
// sealed key cannot be moved to another entry, nor be taken for one of another use.
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
/// Either form. Errors: Code::refused for anything that does not open, what a token says of itself.
[[nodiscard]] Result<SecretBytes> unseal(std::span<const std::byte> sealed,
                                         const StoredPrivateKey& key, std::string_view context);

/// The RSA form alone.
[[nodiscard]] Result<std::vector<std::byte>> seal(const SecretBytes& secret,
                                                  const RsaPublicKey& key,
                                                  std::string_view context);
[[nodiscard]] Result<SecretBytes> unseal(std::span<const std::byte> sealed,
                                         const RsaPrivateKey& key, std::string_view context);

}  // namespace sifguard
