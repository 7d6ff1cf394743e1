// A file that is encrypted under a password: a secret and a body. Any privilege.
//
// Format:
//   header, 48 bytes: "SGBAK01\n" ‖ log2 of scrypt's N (1 byte) ‖ r (1) ‖ p (1) ‖ 5 zero bytes ‖
//                     salt (32)
//   the secret: nonce (12) ‖ 32 bytes, encrypted ‖ tag (16)
//   the body in pieces: nonce (12) ‖ 1 to 65536 bytes, encrypted ‖ tag (16); all but the last hold
//                     65536
// The key is scrypt(password, salt, N, r, p) of 32 bytes (RFC 7914), the cipher AES-256-GCM.
// Authenticated with the secret: the header ‖ 0xFF; with a piece: the header ‖ its number
// (8 bytes, big-endian) ‖ 1 for the last, else 0. So a file that was altered, reordered, truncated
// (also between two pieces) or extended does not open.
#pragma once

#include <span>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr std::size_t kSealedSecretBytes = 32;
/// log2 of N: 128 MiB of memory and some tenths of a second for each password that is tried. A file
/// that is read may demand less than that, and at most a gigabyte.
inline constexpr unsigned kSealedCost = 17;
inline constexpr unsigned kMaxSealedCost = 20;

struct SealedContent {
  SecretBytes secret;
  std::vector<std::byte> body;
};

/// `secret`: kSealedSecretBytes; `body`: not empty. Errors: those of check_new_password().
[[nodiscard]] Result<std::vector<std::byte>> seal_file(const SecretBytes& password,
                                                       const SecretBytes& secret,
                                                       std::span<const std::byte> body,
                                                       unsigned cost = kSealedCost);
/// Errors: Code::refused: it is not such a file, the password is wrong, or it was altered; at the
/// start of a file the last two cannot be distinguished.
[[nodiscard]] Result<SealedContent> open_sealed_file(const SecretBytes& password,
                                                     std::span<const std::byte> file);

}  // namespace sifguard
