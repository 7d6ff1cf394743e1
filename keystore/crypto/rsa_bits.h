// Limits for the length of all RSA keys. Any privilege.
#pragma once

namespace sifguard {

/// Shorter keys are weak: their signatures do not count, and none is accepted for opening images.
inline constexpr int kMinRsaBits = 2048;
/// Longer ones cost more time than a launch has.
inline constexpr int kMaxRsaBits = 8192;

}  // namespace sifguard
