// The life of a key: its states, the steps between them, and the reasons for a revocation. Pure.
//
//   active -> retired        retire: no new binding or image should use it; it still decrypts
//   active, retired -> suspended        suspend: nothing is released until it is resumed
//   suspended -> what it was before     resume
//   active, retired, suspended -> revoked        revoke, for a reason and for good
//   retired, suspended, revoked -> destroyed     destroy: its record stays, its private half goes
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

enum class KeyState { active, retired, suspended, revoked, destroyed };
enum class KeyStep { retire, suspend, resume, revoke, destroy };

[[nodiscard]] std::string_view key_state_name(KeyState state) noexcept;
[[nodiscard]] std::optional<KeyState> key_state_from(std::string_view name) noexcept;
/// Whether a key in this state may be used to open images.
[[nodiscard]] constexpr bool decrypts(KeyState state) noexcept {
  return state == KeyState::active || state == KeyState::retired;
}

/// The state after `step` from `state`; `previous` is the state before `state`. Errors:
/// Code::wrong_state, "is revoked …"; the caller prepends the key's name.
[[nodiscard]] Result<KeyState> next_state(KeyState state, std::optional<KeyState> previous,
                                          KeyStep step);

/// Whether the step has nothing to do, because the key already has the resulting state.
[[nodiscard]] bool is_taken(KeyState state, std::optional<KeyState> previous,
                            KeyStep step) noexcept;

/// The CRLReason names of RFC 5280 5.3.1 that are possible reasons for revoking a key, separated by
/// '|'.
inline constexpr const char* kRevocationReasons =
    "unspecified|keyCompromise|cACompromise|affiliationChanged|superseded|cessationOfOperation|"
    "privilegeWithdrawn|aACompromise";
/// Errors: Code::usage, which lists the names, or names the right command: certificateHold and
/// removeFromCRL of the RFC are the commands suspend and resume here.
Status check_revocation_reason(std::string_view reason);

}  // namespace sifguard
