// The life of a key: its states, what leads from one to the next, why a key was revoked. Pure.
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

/// Where `step` leads from `state`; `previous` is what the state was before it. Errors:
/// Code::wrong_state, "is revoked …", for the caller to put the key's name before.
[[nodiscard]] Result<KeyState> next_state(KeyState state, std::optional<KeyState> previous,
                                          KeyStep step);

/// Whether the step has nothing to do: what it leads to is there already.
[[nodiscard]] bool is_taken(KeyState state, std::optional<KeyState> previous,
                            KeyStep step) noexcept;

/// The CRLReason names of RFC 5280 5.3.1 that can be why a key is revoked, separated by '|'.
inline constexpr const char* kRevocationReasons =
    "unspecified|keyCompromise|cACompromise|affiliationChanged|superseded|cessationOfOperation|"
    "privilegeWithdrawn|aACompromise";
/// Errors: Code::usage, with the names, or with the command that is meant: certificateHold and
/// removeFromCRL are in the list of the RFC but are called suspend and resume here.
Status check_revocation_reason(std::string_view reason);

}  // namespace sifguard
