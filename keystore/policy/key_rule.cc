// The rule that a decryption key carries. Pure.
#include "keystore/policy/key_rule.h"

#include <algorithm>
#include <set>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

bool share(const Values& a, const Values& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& value) {
    return std::find(b.begin(), b.end(), value) != b.end();
  });
}

/// The first of `values` that is not in `others`; empty if there is none.
std::string outside(const Values& values, const Values& others) {
  for (const std::string& value : values) {
    if (std::find(others.begin(), others.end(), value) == others.end()) return value;
  }
  return {};
}

std::set<std::string> as_set(const Values& values) {
  return {values.begin(), values.end()};
}

constexpr const char* kOwnKey =
    "encrypt this image to a key of its own (`sifctl key create`), or bind it with the same limits";

Status check_set(const KeyRuleView& rule) {
  if (!rule.signers.empty()) return {};
  return fail(Code::denied, "the key's rule is not set, so it serves nobody",
              "the administrator sets it with `sifctl image bind`");
}

}  // namespace

Status check_key_audience(const KeyRuleView& rule, std::string_view user,
                          const std::vector<std::string>& groups) {
  SG_CHECK(check_set(rule));
  if (rule.everyone) return {};
  if (!user.empty() && share(rule.users, {std::string(user)})) return {};
  if (share(rule.groups, groups)) return {};
  return fail(Code::denied, "the key's rule does not allow user " + printable(user, 100));
}

Status check_key_rule(const KeyRuleView& rule, std::string_view user,
                      const std::vector<std::string>& groups,
                      const std::vector<std::string>& signers_verified) {
  SG_CHECK(check_key_audience(rule, user, groups));
  return check_key_signers(rule, signers_verified);
}

Status check_key_signers(const KeyRuleView& rule,
                         const std::vector<std::string>& signers_verified) {
  SG_CHECK(check_set(rule));
  if (!share(rule.signers, signers_verified)) {
    return fail(Code::denied, "the key's rule does not allow images of this image's signers");
  }
  return {};
}

KeyRuleView key_rule_for(const Binding& binding) {
  KeyRuleView rule;
  rule.signers = binding.signers.any_of;
  rule.signers.insert(rule.signers.end(), binding.signers.all_of.begin(),
                      binding.signers.all_of.end());
  std::sort(rule.signers.begin(), rule.signers.end());
  rule.signers.erase(std::unique(rule.signers.begin(), rule.signers.end()), rule.signers.end());
  const auto& users = binding.allow.users;
  if (users && *users != Values{std::string(kAnyUser)}) {
    rule.users = *users;
  } else if (binding.allow.groups) {
    rule.groups = *binding.allow.groups;
  } else {
    rule.everyone = true;
  }
  return rule;
}

Status check_rule_covers(const KeyRuleView& existing, const KeyRuleView& wanted) {
  if (as_set(existing.signers) != as_set(wanted.signers)) {
    return fail(Code::denied, "already bound to other signers", kOwnKey);
  }
  if (existing.everyone) return {};
  if (wanted.everyone) {
    return fail(Code::denied,
                "bound to certain users or groups, and this would open it to everyone", kOwnKey);
  }
  if (const std::string user = outside(wanted.users, existing.users); !user.empty()) {
    return fail(Code::denied,
                "not bound to user " + printable(user, 100) + ", and this would add them", kOwnKey);
  }
  if (const std::string group = outside(wanted.groups, existing.groups); !group.empty()) {
    return fail(Code::denied,
                "not bound to group " + printable(group, 100) + ", and this would add it", kOwnKey);
  }
  return {};
}

}  // namespace sifguard
