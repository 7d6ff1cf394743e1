// Which break-glass grants are valid. Pure, except for what break_glass_fit.h says.
#include "keystore/store/break_glass_fit.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/policy/images_edit.h"

namespace sifguard {

Result<std::string> digest_of_conditions(const Binding& binding) {
  Binding conditions = binding;
  conditions.allow = {};
  const std::string text = format_binding(conditions, 0);
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(text)));
  return to_hex(digest);
}

bool fits(const BreakGlassGrant& grant, const Policy& policy) {
  const auto binding =
      std::find_if(policy.bindings.begin(), policy.bindings.end(),
                   [&](const Binding& each) { return each.name == grant.binding; });
  if (binding == policy.bindings.end() || grant.conditions.empty()) return false;
  const auto digest = digest_of_conditions(*binding);
  return digest && *digest == grant.conditions;
}

std::vector<BreakGlass> fitting(const std::vector<BreakGlassGrant>& grants, const Policy& policy) {
  std::vector<BreakGlass> all;
  for (const BreakGlassGrant& one : grants) {
    if (fits(one, policy)) all.push_back({one.id, one.binding, one.user, one.since, one.until});
  }
  return all;
}

Result<std::vector<BreakGlassGrant>> void_unfit_grants(const Keystore& keystore,
                                                       std::string_view before,
                                                       std::string_view after) {
  const auto was = parse_policy(before);
  const auto will_be = parse_policy(after);
  return void_grants(keystore, [&](const BreakGlassGrant& one) {
    return (!was || fits(one, *was)) && (!will_be || fits(one, *will_be));
  });
}

}  // namespace sifguard
