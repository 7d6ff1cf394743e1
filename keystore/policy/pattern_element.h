// The elements of one component of a pattern. Pure text.
#pragma once

#include <string_view>
#include <vector>

namespace sifguard {

/// The length of the character at the start of `text`, which is not empty: 1 for ASCII, else that
/// of a byte with the UTF-8 continuation bytes after it.
[[nodiscard]] std::size_t character_length(std::string_view text) noexcept;

/// The length of the [set] at the start of `text`; npos if it is not closed. A ']' that comes first
/// is a member; '!' or '^' before it negates.
[[nodiscard]] std::size_t set_length(std::string_view text) noexcept;

/// Whether a complete [set] matches this character. Sets contain ASCII only: a byte of any other
/// character is matched only by a negated set.
[[nodiscard]] bool set_takes(std::string_view set, char c) noexcept;

/// The elements as they are written: '*', '?', a [set], or a character.
[[nodiscard]] std::vector<std::string_view> elements_of(std::string_view component);

}  // namespace sifguard
