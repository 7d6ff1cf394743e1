// The clock of deadlines. Any process, any privilege.
#pragma once

#include <cstdint>

namespace sifguard {

/// Milliseconds of CLOCK_MONOTONIC: what is waited for ends at a time, not after so many rounds.
[[nodiscard]] std::int64_t monotonic_ms() noexcept;

}  // namespace sifguard
