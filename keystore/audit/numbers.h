// A line of decimal numbers, as the audit log's small files have them. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sifguard {

/// Exactly as many numbers as `numbers` has room for, one blank between them.
[[nodiscard]] bool parse_numbers(std::string_view line, std::span<std::int64_t> numbers);

}  // namespace sifguard
