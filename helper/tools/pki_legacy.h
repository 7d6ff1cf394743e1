// Images signed by the PKI scripts that came before sifguard. The user's rights, in sif-verify and
// sif-sign; nodes never accept this form.
//
// Format: a signature object (hash 1, entity BAFECAFEBEBEBEBEBAFECAFEBEBEBEBEBAFECAFE) holds what
// `openssl dgst -sha256 -sign` makes of the text with a line "SHA-256 ID" for every other object,
// in the order of the table. Header, launch script and descriptors are not covered, and the scripts
// passed over every object whose description shows the entity anywhere, be it in its name.
// Here only the one real signature object is passed over, and an image that the scripts would read
// otherwise, or whose launch script is not the usual one, is refused.
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

/// Errors: Code::refused, a sentence: no or several such signatures, by another key, not over this
/// content, or one of the tricks above.
[[nodiscard]] Result<PkiLegacySignature> check_pki_legacy(int fd, const sif::Image& image,
                                                          const SignerKey& key);

/// The key of a PEM certificate. Errors: Code::refused.
[[nodiscard]] Result<SignerKey> key_of_certificate(std::string_view pem);

}  // namespace sifguard
