// What adding a binding changes. Pure.
#include "keystore/cli/bind_plan.h"

#include <algorithm>

#include "keystore/policy/describe.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/key_rule.h"

namespace sifguard {
namespace {

bool same_signers(const SignerRequirement& a, const SignerRequirement& b) {
  return std::is_permutation(a.any_of.begin(), a.any_of.end(), b.any_of.begin(), b.any_of.end()) &&
         std::is_permutation(a.all_of.begin(), a.all_of.end(), b.all_of.begin(), b.all_of.end());
}

/// The rule does not know any signer from all signers: the bindings of the key do.
Status check_siblings(const Policy& policy, const Binding& binding, const KeyRecord& key) {
  for (const Binding& other : policy.bindings) {
    if (!other.key || !refers_to(*other.key, key)) continue;
    if (!same_signers(other.signers, binding.signers)) {
      return fail(Code::denied,
                  "the key '" + key.name + "' is bound by '" + other.name + "' to the signers " +
                      describe_signers(other.signers),
                  "encrypt this image to a key of its own (`sifctl key create`)");
    }
  }
  return {};
}

/// The rule that the key must be given, if it has none yet; an error if its rule forbids `binding`.
Result<std::optional<KeyRule>> rule_to_set(const KeyRecord& key, const Binding& binding) {
  const KeyRuleView wanted = key_rule_for(binding);
  const KeyRule& rule = key.rule;
  if (rule.signers.empty()) {
    return KeyRule{wanted.signers, wanted.users, wanted.groups, wanted.everyone};
  }
  const KeyRuleView view{rule.signers, rule.users, rule.groups, rule.everyone};
  if (auto covered = check_rule_covers(view, wanted); !covered) {
    return tl::unexpected(std::move(covered).error().prepend("the key '" + key.name + "'"));
  }
  return std::nullopt;
}

}  // namespace

Result<BindPlan> plan_bind(std::string_view images, Binding binding, std::string_view key,
                           const std::vector<KeyRecord>& keys) {
  BindPlan plan;
  if (!key.empty()) {
    SG_TRY(const auto line, key_and_successors(keys, key));
    plan.key = line.front();
    if (!decrypts(plan.key->state)) {
      return fail(Code::denied, "the key '" + plan.key->name + "' is " +
                                    std::string(key_state_name(plan.key->state)));
    }
    binding.key = plan.key->name;  // one spelling for all bindings of the key
  }
  SG_TRY(plan.images, append_binding(images, binding));
  if (!plan.key) return plan;
  SG_TRY(plan.rule, rule_to_set(*plan.key, binding));
  SG_TRY(const Policy policy, parse_policy(plan.images));
  SG_CHECK(check_siblings(policy, binding, *plan.key));
  return plan;
}

}  // namespace sifguard
