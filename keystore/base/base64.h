// RFC 4648 4, the one codec: standard alphabet, canonical. Any process, any privilege; not for what
// is secret, since its time depends on its input.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sifguard {

/// With padding, in one line.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
/// As fingerprints of SSH keys have it.
[[nodiscard]] std::string to_unpadded_base64(std::span<const std::byte> bytes);

/// The exact inverse of to_base64(): nullopt for whatever that would not have written, such as
/// blanks, line ends, missing padding, or bits behind the last byte that are not zero.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace sifguard
