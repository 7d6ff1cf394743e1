// Images signed by the PKI scripts that came before sifguard. With the user's rights, in sif-verify
// and sif-sign; nodes never accept this form.
//
// Format: a signature object (hash 1, entity BAFECAFEBEBEBEBEBAFECAFEBEBEBEBEBAFECAFE) holds the
// output of `openssl dgst -sha256 -sign` for a text with a line "SHA-256 ID" for every other
// object, in the order of the table. Header, launch script and descriptors are not covered, and the
// scripts skipped every object whose description contains the entity anywhere, even in its name.
// Here only the one real signature object is skipped. An image that the scripts would read
// differently, or whose launch script is not the usual one, is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "helper/sif/image.h"
#include "keystore/crypto/signer_key.h"

namespace sifguard {

struct PkiLegacySignature {
  std::uint32_t object = 0;            ///< id of the signature
  std::vector<std::uint32_t> covered;  ///< ids of all other objects, in table order
};

/// Errors: Code::refused, one sentence: there are no or several such signatures, the signature was
/// made by another key or for other content, or the image uses one of the tricks above.
[[nodiscard]] Result<PkiLegacySignature> check_pki_legacy(int fd, const sif::Image& image,
                                                          const SignerKey& key);

/// The key of a PEM certificate. Errors: Code::refused.
[[nodiscard]] Result<SignerKey> key_of_certificate(std::string_view pem);

}  // namespace sifguard
