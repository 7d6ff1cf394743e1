// The clock of deadlines, and the length of a day. Any process, any privilege.
#pragma once

#include <cstdint>

namespace sifguard {

inline constexpr std::int64_t kDay = 86400;  ///< seconds

/// Milliseconds of CLOCK_MONOTONIC: what is waited for ends at a time, not after so many rounds.
[[nodiscard]] std::int64_t monotonic_ms() noexcept;

}  // namespace sifguard
