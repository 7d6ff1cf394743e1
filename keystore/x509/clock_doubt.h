// Whether this host's clock can be believed, by what was recorded under it before. Pure.
//
// Nothing here can tell which of two times is the wrong one, so that an admin is asked.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// How long nothing may have happened, in seconds: half a year. What is in use is used all the
/// time.
inline constexpr std::int64_t kLongestPause = std::int64_t{183} * 86400;

/// That the clock is far from what was recorded: "WHAT 2026-…". Code::temporary.
[[nodiscard]] Error clock_doubt(std::int64_t now, const std::string& what, std::int64_t recorded);

/// Errors: clock_doubt(), when `now` is more than kClockSkew before `recorded` (Unix seconds) or
/// more than kLongestPause after it.
[[nodiscard]] Status check_clock(std::int64_t now, const std::string& what, std::int64_t recorded);

}  // namespace sifguard
