// Keys in a PKCS#11 token, used through the program sifguard-token: RSA keys decrypt, RSA and EC
// keys sign. Any privilege; in particular, no library of a token is loaded into this process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// Checks that it is `pkcs11:…` (RFC 7512) on one line, without a PIN, which is in the file that
/// pin-source names. Errors: Code::usage.
Status check_token_uri(std::string_view uri);

/// The public half. Errors, with the words of sifguard-token: Code::usage for a URI that is not one
/// or lacks the PIN's file; Code::absent for a missing key or PIN file, and for a URI that matches
/// several keys; Code::config for a PIN file that others can read; Code::refused for a weak key;
/// Code::unavailable for all other errors, such as a PIN that is wrong or was not tried.
[[nodiscard]] Result<RsaPublicKey> token_public_key(const std::string& uri);
/// See RsaPrivateKey::decrypt_oaep(). Errors: those above, Code::config in place of Code::usage.
[[nodiscard]] Result<SecretBytes> token_decrypt_oaep(const std::string& uri,
                                                     std::span<const std::byte> cipher,
                                                     std::string_view label = {});

/// How a user's tool uses a token: with that user's environment, and a PIN that the tool has read.
struct TokenLogin {
  std::vector<std::string> environment;
  std::string how;  ///< source of the PIN: "typed", "piped", "file:/PATH"; "" without one
  SecretBytes pin;
};
enum class WantedPin { no, yes, few_tries_left };
/// Errors: Code::unavailable also when one more wrong PIN would lock the token.
[[nodiscard]] Result<WantedPin> token_wants_pin(const std::string& uri, const TokenLogin& login);

/// The public half of a key that signs. Errors: those of token_public_key().
[[nodiscard]] Result<Pkey> token_signer_half(const std::string& uri,
                                             const TokenLogin* login = nullptr);
/// A signature as in certificates over `digest`, which is SHA-256 or SHA-384. It has not been
/// verified. Errors: those of token_decrypt_oaep().
[[nodiscard]] Result<std::string> token_sign(const std::string& uri,
                                             std::span<const std::byte> digest,
                                             const TokenLogin* login = nullptr);

}  // namespace sifguard
