// The clock of deadlines, the length of a day, and how far clocks may differ. Any process, any
// privilege.
#pragma once

#include <cstdint>

namespace sifguard {

inline constexpr std::int64_t kDay = 86400;  ///< seconds

/// Clocks of other hosts, and this host's clock at other times, may be ahead of it now by this many
/// seconds.
inline constexpr std::int64_t kClockSkew = 300;

/// Milliseconds of CLOCK_MONOTONIC, for deadlines: a wait ends at a time and not after a number of
/// rounds.
[[nodiscard]] std::int64_t monotonic_ms() noexcept;

}  // namespace sifguard
