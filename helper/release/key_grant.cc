// Permission to use one key, checked against the key's own rule. Root; pure but for its inputs.
#include "helper/release/key_grant.h"

#include "keystore/policy/key_rule.h"

namespace sifguard {

namespace {

Status check_usable(Mode mode, const KeyRecord& key) {
  if (mode != Mode::enforce) {
    return fail(Code::denied, "a binding in mode 'warn' never releases a key",
                "set its mode to enforce");
  }
  if (decrypts(key.state)) return {};
  return fail(Code::denied, "key " + key.name + " is " + std::string(key_state_name(key.state)));
}

Status check_signers(const Admission& admission, const KeyRecord& key) {
  auto allowed = check_key_signers(key.rule, admission.signers());
  if (!allowed) return tl::unexpected(std::move(allowed).error().prepend("key " + key.name));
  return {};
}

}  // namespace

Result<KeyGrant> grant_publication(const Binding& binding, const Admission& admission,
                                   const KeyRecord& key) {
  SG_CHECK(check_usable(binding.mode, key));
  SG_CHECK(check_signers(admission, key));
  return KeyGrant(key, {});
}

Result<KeyGrant> grant_staging(const Decision& decision, const Admission& admission,
                               const KeyRecord& key) {
  if (!decision.for_staging()) return fail(Code::internal, "a launch is not staging");
  SG_CHECK(check_usable(decision.mode(), key));
  SG_CHECK(check_signers(admission, key));
  return KeyGrant(key, {});
}

Result<KeyGrant> grant_key(const Decision& decision, const Admission& admission,
                           const KeyRecord& key, const std::string& user,
                           const std::vector<std::string>& groups) {
  if (decision.for_staging()) return fail(Code::internal, "what is staged is nobody's launch");
  SG_CHECK(check_usable(decision.mode(), key));
  auto rule = key.rule;
  std::string break_glass;
  if (decision.key_break_glass() && rule.is_set() && !check_key_audience(rule, user, groups)) {
    break_glass = *decision.key_break_glass();
    rule.everyone = true;  // the audience alone: whose signatures it wants, it still does
  }
  auto allowed = check_key_rule(rule, user, groups, admission.signers());
  if (!allowed) return tl::unexpected(std::move(allowed).error().prepend("key " + key.name));
  return KeyGrant(key, std::move(break_glass));
}

}  // namespace sifguard
