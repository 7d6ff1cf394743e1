// A line of decimal numbers. Pure.
#include "keystore/audit/numbers.h"

#include <charconv>

namespace sifguard {

bool parse_numbers(std::string_view line, std::span<std::int64_t> numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const char* const end = line.data() + line.size();
    const auto [stop, problem] = std::from_chars(line.data(), end, numbers[i]);
    if (problem != std::errc{}) return false;
    line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
    if (i + 1 == numbers.size()) return line.empty();
    if (!line.starts_with(' ')) return false;
    line.remove_prefix(1);
  }
  return false;
}

}  // namespace sifguard
