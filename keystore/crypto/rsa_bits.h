// How long RSA keys are here, whatever they are for. Any privilege.
#pragma once

namespace sifguard {

/// Shorter ones are weak: what they sign counts for nothing, and none is taken for opening images.
inline constexpr int kMinRsaBits = 2048;
/// Longer ones cost more time than a launch has.
inline constexpr int kMaxRsaBits = 8192;

}  // namespace sifguard
