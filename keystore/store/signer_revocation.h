// Which of two states of a signer leaves less. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "keystore/store/signer_state.h"

namespace sifguard {

/// Whether being revoked for `reason` since `at` leaves less than the state that is there: that one
/// is no revocation, or one for a reason that leaves older signatures good, which this does not, or
/// since a later time.
[[nodiscard]] inline bool is_graver(SignerState state, std::string_view old_reason,
                                    std::int64_t old_at, std::string_view reason,
                                    std::int64_t at) noexcept {
  if (state != SignerState::revoked) return true;
  return is_soft_reason(old_reason) && (!is_soft_reason(reason) || at < old_at);
}

}  // namespace sifguard
