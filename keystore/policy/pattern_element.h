// The elements that one component of a pattern is made of. Pure text.
#pragma once

#include <string_view>
#include <vector>

namespace sifguard {

/// The length of the character at the start of `text`, which is not empty: one of ASCII, or a byte
/// of another with the UTF-8 continuation bytes after it.
[[nodiscard]] std::size_t character_length(std::string_view text) noexcept;

/// The length of the [set] at the start of `text`; npos if it is not closed. A ']' that comes first
/// is a member; '!' or '^' before it negates.
[[nodiscard]] std::size_t set_length(std::string_view text) noexcept;

/// Whether a whole [set] takes this character. Sets are of ASCII: a byte of anything else is taken
/// by a negated one alone.
[[nodiscard]] bool set_takes(std::string_view set, char c) noexcept;

/// One element each, as it is written: '*', '?', a [set], or a character.
[[nodiscard]] std::vector<std::string_view> elements_of(std::string_view component);

}  // namespace sifguard
