// RFC 4648 4, the only codec of sifguard: standard alphabet, canonical. Any process, any privilege;
// not for secrets, because its run time depends on its input.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sifguard {

/// With padding, in one line.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
/// Without padding, as in fingerprints of SSH keys.
[[nodiscard]] std::string to_unpadded_base64(std::span<const std::byte> bytes);

/// The exact inverse of to_base64(): nullopt for any text that to_base64() does not write, such as
/// one with blanks, line ends, missing padding, or non-zero bits after the last byte.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace sifguard
