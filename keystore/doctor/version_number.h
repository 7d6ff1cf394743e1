// The numbers that versions of programs are made of. Pure.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace sifguard {

/// Reads digits at the start of `text` and drops them; nullopt if there are none.
[[nodiscard]] inline std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

}  // namespace sifguard
