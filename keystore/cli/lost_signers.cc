// Which launches would be refused if signers no longer counted. Pure.
#include "keystore/cli/lost_signers.h"

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Names = std::vector<std::string>;

bool names_any(const Names& names, const std::set<std::string>& lost) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return lost.count(name) > 0; });
}

bool is_met(const Names& any_of, const Names& all_of, const Names& signed_by) {
  const auto signed_it = [&](const std::string& name) { return contains(signed_by, name); };
  return (any_of.empty() || std::any_of(any_of.begin(), any_of.end(), signed_it)) &&
         std::all_of(all_of.begin(), all_of.end(), signed_it);
}

/// Whether what is left of its signers does not do any more.
bool lacks(const LostSigners& lost, const PastLaunch& launch, const Policy& policy,
           const std::vector<KeyRecord>& keys) {
  Names left = launch.signers;
  std::erase_if(left, [&](const std::string& name) { return lost.names.count(name) > 0; });
  bool bound = false;
  for (const Binding& binding : policy.bindings) {
    if (!contains(launch.bindings, binding.name)) continue;
    bound = true;
    const SignerRequirement& wanted = binding.signers;
    if (lost.removed &&
        (names_any(wanted.any_of, lost.names) || names_any(wanted.all_of, lost.names))) {
      return true;
    }
    if (binding.mode == Mode::enforce && !is_met(wanted.any_of, wanted.all_of, left)) return true;
  }
  for (const KeyRecord& key : keys) {
    if (key.id == launch.key_id && !is_met(key.rule.signers, key.rule.all_of, left)) return true;
  }
  return !bound && left.size() < launch.signers.size();
}

}  // namespace

Effect effect_of(const LostSigners& lost, const PastLaunch& launch, const Policy& policy,
                 const std::vector<KeyRecord>& keys) {
  if (!lost.removed && !names_any(launch.signers, lost.names)) return Effect::none;
  if (!lacks(lost, launch, policy, keys)) return Effect::none;
  if (lost.at == 0) return Effect::refused;
  return launch.time <= format_utc_ms(lost.at * 1000) ? Effect::none : Effect::perhaps;
}

}  // namespace sifguard
