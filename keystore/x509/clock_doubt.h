// Whether this host's clock can be believed, by what was recorded under it before. Pure.
//
// Nothing here can tell which of two times is the wrong one, so that an admin is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// How long nothing may have happened, in seconds: half a year. What is in use is used all the
/// time.
inline constexpr std::int64_t kLongestPause = std::int64_t{183} * 86400;

/// Something that was recorded under a clock which was believed.
struct RecordedTime {
  std::string what;      ///< "the last bundle was exported"
  std::int64_t at = 0;   ///< Unix seconds
  bool precedes = true;  ///< what is made now must be after it
};

/// The latest of those that are not after `now`: later ones are of another clock. Null for none.
[[nodiscard]] const RecordedTime* last_recorded(const std::vector<RecordedTime>& times,
                                                std::int64_t now) noexcept;

/// Whether `now` is more than kLongestPause after whatever was recorded last.
[[nodiscard]] bool is_far_ahead(const std::vector<RecordedTime>& times, std::int64_t now) noexcept;

/// Errors: Code::temporary, "the clock says …, but WHAT 2026-…", when `now` is far ahead, or more
/// than kClockSkew before what precedes it.
[[nodiscard]] Status check_clock(const std::vector<RecordedTime>& times, std::int64_t now);

/// "the clock says …, but WHAT 2026-…".
[[nodiscard]] std::string describe_doubt(std::int64_t now, const RecordedTime& recorded);

}  // namespace sifguard
