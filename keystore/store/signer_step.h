// The steps of a signer's life, before they are made: what Keystore::set_signer_state() and
// remove_signer() will do, or why they cannot. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/store/keystore.h"

namespace sifguard {

/// The record after the step; `at` (Unix seconds) is at most `now`. Errors: Code::usage.
[[nodiscard]] Result<SignerRecord> stepped_signer(SignerRecord record, SignerState state,
                                                  std::int64_t at, const std::string& reason,
                                                  std::int64_t now);

/// Whether the step has nothing to do, because the signer already has the resulting state or a
/// graver one.
[[nodiscard]] bool is_stepped(const SignerRecord& record, SignerState state, std::int64_t at,
                              const std::string& reason);

/// Errors: Code::wrong_state for a revoked signer.
Status check_removable(const SignerRecord& record);

}  // namespace sifguard
