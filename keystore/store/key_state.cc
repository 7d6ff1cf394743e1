// The life of a key. Pure.
#include "keystore/store/key_state.h"

#include <algorithm>
#include <array>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::array<std::pair<KeyState, std::string_view>, 5> kNames = {
    {{KeyState::active, "active"},
     {KeyState::retired, "retired"},
     {KeyState::suspended, "suspended"},
     {KeyState::revoked, "revoked"},
     {KeyState::destroyed, "destroyed"}}};

/// What the steps lead to, all but resume.
constexpr KeyState target(KeyStep step) noexcept {
  switch (step) {
    case KeyStep::retire:
      return KeyState::retired;
    case KeyStep::suspend:
      return KeyState::suspended;
    case KeyStep::revoke:
      return KeyState::revoked;
    case KeyStep::resume:
    case KeyStep::destroy:
      break;
  }
  return KeyState::destroyed;
}

tl::unexpected<Error> no_way(KeyState state, const char* why, const char* remedy) {
  return fail(Code::wrong_state, "is " + std::string(key_state_name(state)) + why, remedy);
}

}  // namespace

std::string_view key_state_name(KeyState state) noexcept {
  for (const auto& [each, name] : kNames) {
    if (each == state) return name;
  }
  return "destroyed";
}

std::optional<KeyState> key_state_from(std::string_view name) noexcept {
  for (const auto& [state, each] : kNames) {
    if (each == name) return state;
  }
  return std::nullopt;
}

Result<KeyState> next_state(KeyState state, std::optional<KeyState> previous, KeyStep step) {
  if (step == KeyStep::resume) {
    if (state != KeyState::suspended) {
      return no_way(state, ", not suspended", "only a suspended key can be resumed");
    }
    // What is not known to have decrypted before does not decrypt afterwards.
    return previous == KeyState::active ? KeyState::active : KeyState::retired;
  }
  const KeyState wanted = target(step);
  if (state == wanted) return no_way(state, " already", "nothing changed");
  if (state == KeyState::destroyed) {
    return no_way(state, ", which is the end", "there is nothing left to change");
  }
  if (step == KeyStep::destroy && state == KeyState::active) {
    return no_way(state, " and may be in use",
                  "retire, suspend or revoke it first, and see that nothing fails");
  }
  if (state == KeyState::revoked && step != KeyStep::destroy) {
    return no_way(state, " for good", "only destroy is left");
  }
  if (state == KeyState::suspended && step == KeyStep::retire) {
    return no_way(state, "", "resume it first");
  }
  return wanted;
}

bool is_taken(KeyState state, std::optional<KeyState> previous, KeyStep step) noexcept {
  if (step != KeyStep::resume) return state == target(step);
  return state == KeyState::active ||
         (state == KeyState::retired && previous == KeyState::suspended);
}

Status check_revocation_reason(std::string_view reason) {
  const auto known = split(kRevocationReasons, '|');
  if (contains(known, reason)) return {};
  if (reason == "certificateHold") {
    return fail(Code::usage, "certificateHold is not for good", "use sifctl key suspend");
  }
  if (reason == "removeFromCRL") {
    return fail(Code::usage, "removeFromCRL revokes nothing", "use sifctl key resume");
  }
  std::string names(kRevocationReasons);
  std::replace(names.begin(), names.end(), '|', ' ');
  return fail(Code::usage, "not a reason to revoke: '" + std::string(reason) + "'",
              "one of " + names);
}

}  // namespace sifguard
