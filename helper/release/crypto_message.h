// The CryptoMessage of an encrypted SIF: its volume key, wrapped with RSA-OAEP. Root; pure except
// for reading it.
//
// Format (Apptainer and SingularityCE, internal/pkg/util/crypt): a PEM block "MESSAGE" whose DER
// content is one OCTET STRING: ciphertext blocks of k bytes, k the modulus size, each holding at
// most k-66 bytes of the volume key. Readers ignore the text after the END line, so a shorter
// message can be padded with newlines to the length of the message that it replaces.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helper/verify/image_facts.h"
#include "keystore/base/error.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

/// A message that is larger than this cannot hold a volume key (LUKS: 64 bytes in one or two
/// blocks).
inline constexpr std::size_t kMaxCryptoMessage = 65536;

/// The text of an image's message. Its place comes from the verifier, which parsed hostile bytes,
/// so its bounds are checked again here. Errors: Code::refused.
[[nodiscard]] Result<std::string> read_crypto_message(int image, std::uint64_t image_size,
                                                      const CryptoMessageFact& place);

/// The ciphertext in a message. Strict: one block, nothing before it, only newlines after it.
/// Errors: Code::refused.
[[nodiscard]] Result<std::vector<std::byte>> parse_crypto_message(std::string_view pem);

/// The message for a ciphertext.
[[nodiscard]] std::string format_crypto_message(std::span<const std::byte> cipher);

/// The volume key. Errors: Code::refused, the same for every way in which a key can fail to fit.
[[nodiscard]] Result<SecretBytes> unwrap_volume_key(std::span<const std::byte> cipher,
                                                    const RsaPrivateKey& key);

/// The volume key wrapped for `key`, as a message of exactly `size` bytes.
/// Errors: Code::internal when it does not fit.
[[nodiscard]] Result<std::string> wrap_volume_key(const SecretBytes& volume_key,
                                                  const RsaPublicKey& key, std::size_t size);

}  // namespace sifguard
