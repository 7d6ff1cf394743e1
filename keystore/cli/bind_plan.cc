// What adding a binding changes. Pure.
#include "keystore/cli/bind_plan.h"

#include <algorithm>

#include "keystore/cli/key_lines.h"
#include "keystore/policy/binding_limits.h"
#include "keystore/policy/key_rule.h"

namespace sifguard {
namespace {

std::string shown(const KeyRecord& key) {
  return "the key '" + key.name + "'";
}

/// The other bindings of a key, and of those that it replaces or that replace it: what its rule
/// does not know, they do.
Status check_others(const Policy& policy, const Binding& binding, const KeyRecord& key,
                    const std::vector<KeyRecord>& keys) {
  const KeyLines lines(keys);
  const std::string line = lines.of(key.id);
  std::vector<const Binding*> others;
  for (const Binding& other : policy.bindings) {
    if (other.key && other.name != binding.name && lines.of(*other.key) == line) {
      others.push_back(&other);
    }
  }
  auto checked = check_siblings(others, binding);
  if (!checked) return tl::unexpected(std::move(checked).error().prepend(shown(key)));
  return {};
}

/// The rule that the key must be given, if it has none yet; an error if its rule forbids `binding`.
Result<std::optional<KeyRule>> rule_to_set(const KeyRecord& key, const Binding& binding) {
  const KeyRule wanted = key_rule_for(binding);
  const KeyRule& rule = key.rule;
  if (!rule.is_set()) return wanted;
  if (auto covered = check_rule_covers(rule, wanted); !covered) {
    return tl::unexpected(std::move(covered).error().prepend(shown(key)));
  }
  return std::nullopt;
}

}  // namespace

Result<BindPlan> plan_bind(std::string_view images, Binding binding, std::string_view key,
                           const std::vector<KeyRecord>& keys, bool replace) {
  BindPlan plan;
  plan.name = binding.name;
  if (!key.empty()) {
    SG_TRY(const auto line, key_and_successors(keys, key));
    plan.key = line.front();
    if (!decrypts(plan.key->state)) {
      return fail(Code::wrong_state, "the key '" + plan.key->name + "' is " +
                                         std::string(key_state_name(plan.key->state)));
    }
    binding.key = plan.key->name;  // one spelling for all bindings of the key
  }
  SG_TRY(ChangedImages changed, put_binding(images, binding, replace));
  plan.images = std::move(changed.text);
  plan.how = changed.how;
  if (!plan.key) return plan;
  SG_TRY(plan.rule, rule_to_set(*plan.key, binding));
  SG_TRY(const Policy policy, parse_policy(plan.images));
  SG_CHECK(check_others(policy, binding, *plan.key, keys));
  return plan;
}

const Binding& binding_of(const BindPlan& plan, const Policy& policy) {
  return *std::find_if(policy.bindings.begin(), policy.bindings.end(),
                       [&](const Binding& one) { return one.name == plan.name; });
}

}  // namespace sifguard
