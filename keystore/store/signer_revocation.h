// Which of two states of a signer is graver, that is, leaves fewer valid signatures. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "keystore/store/signer_state.h"

namespace sifguard {

/// Whether a revocation for `reason` since `at` is graver than the existing state: that is not a
/// revocation; or it is one for a reason that leaves older signatures valid, and the new reason
/// does not or the new date is earlier.
[[nodiscard]] inline bool is_graver(SignerState state, std::string_view old_reason,
                                    std::int64_t old_at, std::string_view reason,
                                    std::int64_t at) noexcept {
  if (state != SignerState::revoked) return true;
  return is_soft_reason(old_reason) && (!is_soft_reason(reason) || at < old_at);
}

}  // namespace sifguard
