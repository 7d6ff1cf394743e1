// The clock of deadlines, the length of a day, and how far clocks may differ. Any process, any
// privilege.
#pragma once

#include <cstdint>

namespace sifguard {

inline constexpr std::int64_t kDay = 86400;  ///< seconds

/// Clocks of others, and this one at other times, may run ahead of this one now by as much:
/// seconds.
inline constexpr std::int64_t kClockSkew = 300;

/// Milliseconds of CLOCK_MONOTONIC: what is waited for ends at a time, not after so many rounds.
[[nodiscard]] std::int64_t monotonic_ms() noexcept;

}  // namespace sifguard
