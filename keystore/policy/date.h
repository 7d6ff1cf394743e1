// Dates as an admin writes them: "2026-01-31", or a time "2026-01-31T12:00:00Z". UTC. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Which second of the day a date without a time stands for.
enum class DayEdge { first_second, last_second };

/// Unix seconds. Errors: Code::usage for another form or a day that is not in the calendar; years
/// 1970 to 9999.
[[nodiscard]] Result<std::int64_t> parse_date(std::string_view text, DayEdge edge);

/// The shortest text from which parse_date() with the same edge gives `unix_seconds` again.
[[nodiscard]] std::string format_date(std::int64_t unix_seconds, DayEdge edge);

}  // namespace sifguard
