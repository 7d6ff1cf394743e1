// What root and `sifguard-imagefs` say to each other: descriptors, arguments and its one answer.
// Both sides. The secret comes through a pipe, and the content key goes back through one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

namespace imagefs_fd {
inline constexpr int kFuse = 3;    ///< of /dev/fuse, mounted with a regular file as its root
inline constexpr int kSealed = 4;  ///< the image, or the file that gocryptfs encrypted; read only
inline constexpr int kConf = 5;    ///< gocryptfs.conf, where a password is given for such a file
inline constexpr int kSecret = 6;  ///< one message with the secret; read to its end
inline constexpr int kAnswer = 7;  ///< takes one answer
inline constexpr int kLog = 8;     ///< takes lines, one write each; or closed
inline constexpr int kOwner = 9;   ///< pidfd of the process that it must not outlive; or closed
}  // namespace imagefs_fd

enum class SealedKind : std::uint8_t { gocryptfs, luks };

/// Limit for the message with the secret, so that it fits a pipe of one page.
inline constexpr std::size_t kMostSecret = 4096;

/// What opens the image: its content key, or the password that the content key is derived from. An
/// image's CryptoMessage holds the password.
struct ImagefsSecret {
  bool is_content_key = false;
  SecretBytes bytes;
};
/// Format: 'K' for a content key or 'P' for a password, then the secret. It is sent when it may be
/// released, to a server that is ready. Errors: Code::refused if it is empty or too long.
[[nodiscard]] Result<SecretBytes> format_imagefs_secret(bool is_content_key,
                                                        const SecretBytes& secret);
/// Errors: Code::temporary for an empty message (the secret is not released), Code::internal for a
/// malformed one.
[[nodiscard]] Result<ImagefsSecret> parse_imagefs_secret(const SecretBytes& text);

struct ImagefsOrder {
  SealedKind kind = SealedKind::gocryptfs;
  std::uint64_t offset = 0;  ///< of the encrypted bytes, within kSealed
  std::uint64_t size = 0;
  std::int64_t deadline_ms = 60'000;  ///< for each read
};
/// Without the program's name.
[[nodiscard]] std::vector<std::string> format_imagefs_order(const ImagefsOrder& order);
[[nodiscard]] std::optional<ImagefsOrder> parse_imagefs_order(
    std::span<const std::string_view> arguments);

struct ImagefsAnswer {
  std::uint64_t size = 0;   ///< of the file that is served
  SecretBytes content_key;  ///< empty if the server was given it
};
inline constexpr std::size_t kMostAnswer = 8192;

/// Format: failure_record.h, after the magic "SGF1"; a success is followed by size (u64) and the
/// key (bytes).
[[nodiscard]] Result<SecretBytes> format_imagefs_answer(const Result<ImagefsAnswer>& answer);
/// Errors: those that the server reports; Code::temporary for an empty answer (the server was
/// killed), Code::internal for a malformed one.
[[nodiscard]] Result<ImagefsAnswer> parse_imagefs_answer(const SecretBytes& text);

}  // namespace sifguard
