// The life of a signer: until when its signatures count. Pure.
//
//   active    every good signature counts
//   retired   those made before the signer retired; and those that do not say when (DSSE), since
//             nobody claims that the key is in wrong hands
//   revoked   for a reason that leaves the key in its owner's hands: those that say that they were
//             made before the revocation. For keyCompromise, cACompromise, aACompromise and
//             unspecified: none, because who has the key writes any date (as RFC 9580 5.2.3.31 has
//             it)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sifguard {

enum class SignerState { active, retired, revoked };
[[nodiscard]] std::string_view signer_state_name(SignerState state) noexcept;
[[nodiscard]] std::optional<SignerState> signer_state_from(std::string_view name) noexcept;

/// Whether a revocation for this reason (key_state.h) leaves older signatures valid.
[[nodiscard]] bool is_soft_reason(std::string_view reason) noexcept;

/// Whether a signature with the date `made` (Unix seconds, 0: it has none) counts. `at`: since when
/// the signer is in its state.
[[nodiscard]] bool signature_counts(SignerState state, std::string_view reason, std::int64_t at,
                                    std::int64_t made) noexcept;

/// Since when a signer is in its state, as seen at `now`. A time in the future was recorded under a
/// clock that was ahead and is unusable: the result is then 0, which is before all signatures.
[[nodiscard]] std::int64_t dated_since(std::int64_t at, std::int64_t now) noexcept;

}  // namespace sifguard
