// Permission to use one key, checked against the key's own rule. Root; pure but for its inputs.
#include "helper/release/key_grant.h"

#include "keystore/policy/key_rule.h"

namespace sifguard {

Result<KeyGrant> grant_key(const Decision& decision, const Verdict& verdict, const KeyRecord& key,
                           const std::string& user, const std::vector<std::string>& groups) {
  if (decision.mode() != Mode::enforce) {
    return fail(Code::denied, "a binding in mode 'warn' never releases a key",
                "set its mode to enforce");
  }
  if (key.state != KeyState::active && key.state != KeyState::retired) {
    return fail(Code::denied, "key " + key.name + " is " + std::string(key_state_name(key.state)));
  }
  const KeyRuleView rule{key.rule.signers, key.rule.users, key.rule.groups, key.rule.everyone};
  auto allowed = check_key_rule(rule, user, groups, verdict.signers());
  if (!allowed) return tl::unexpected(std::move(allowed).error().prepend("key " + key.name));
  return KeyGrant(key);
}

}  // namespace sifguard
