// The life of a signer: until when its signatures count. Pure.
#include "keystore/store/signer_state.h"

#include <array>
#include <utility>

#include "keystore/base/clock.h"
#include "keystore/base/contains.h"

namespace sifguard {
namespace {

constexpr std::array<std::pair<SignerState, std::string_view>, 3> kNames = {
    {{SignerState::active, "active"},
     {SignerState::retired, "retired"},
     {SignerState::revoked, "revoked"}}};
constexpr std::array<std::string_view, 4> kSoftReasons = {
    "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"};

}  // namespace

std::string_view signer_state_name(SignerState state) noexcept {
  for (const auto& [each, name] : kNames) {
    if (each == state) return name;
  }
  return "revoked";
}

std::optional<SignerState> signer_state_from(std::string_view name) noexcept {
  for (const auto& [state, each] : kNames) {
    if (each == name) return state;
  }
  return std::nullopt;
}

bool is_soft_reason(std::string_view reason) noexcept {
  return contains(kSoftReasons, reason);
}

bool signature_counts(SignerState state, std::string_view reason, std::int64_t at,
                      std::int64_t made) noexcept {
  switch (state) {
    case SignerState::active:
      return true;
    case SignerState::retired:
      return made == 0 || made < at;
    case SignerState::revoked:
      break;
  }
  return is_soft_reason(reason) && made != 0 && made < at;
}

std::int64_t dated_since(std::int64_t at, std::int64_t now) noexcept {
  return at > now + kClockSkew ? 0 : at;
}

}  // namespace sifguard
