// Whether this host's clock can be trusted, according to times that were recorded before. Pure.
//
// This code cannot determine which of two times is wrong, so an admin is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// The longest time without a record, in seconds: half a year. A keystore in use records times more
/// often.
inline constexpr std::int64_t kLongestPause = std::int64_t{183} * 86400;

/// A time that was recorded under a trusted clock.
struct RecordedTime {
  std::string what;      ///< "the last bundle was exported"
  std::int64_t at = 0;   ///< Unix seconds
  bool precedes = true;  ///< what is made now must be later
};

/// The latest of those that are not after `now`, because later ones are from another clock. Null if
/// there is none.
[[nodiscard]] const RecordedTime* last_recorded(const std::vector<RecordedTime>& times,
                                                std::int64_t now) noexcept;

/// Whether `now` is more than kLongestPause after the last recorded time.
[[nodiscard]] bool is_far_ahead(const std::vector<RecordedTime>& times, std::int64_t now) noexcept;

/// Errors: Code::temporary, "the clock says …, but WHAT 2026-…", when `now` is far ahead, or more
/// than kClockSkew before a time that must precede it.
[[nodiscard]] Status check_clock(const std::vector<RecordedTime>& times, std::int64_t now);

/// "the clock says …, but WHAT 2026-…".
[[nodiscard]] std::string describe_doubt(std::int64_t now, const RecordedTime& recorded);

}  // namespace sifguard
