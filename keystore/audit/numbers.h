// A line of decimal numbers, as in the audit log's small files. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sifguard {

/// Parses exactly as many numbers as `numbers` has room for, with one blank between them.
[[nodiscard]] bool parse_numbers(std::string_view line, std::span<std::int64_t> numbers);

}  // namespace sifguard
