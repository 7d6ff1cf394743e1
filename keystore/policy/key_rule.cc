// The rule that a decryption key carries. Pure.
#include "keystore/policy/key_rule.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/describe_binding.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

bool share(const Values& a, const Values& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& value) { return contains(b, value); });
}

/// The first of `values` that is not in `others`; empty if there is none.
std::string outside(const Values& values, const Values& others) {
  for (const std::string& value : values) {
    if (!contains(others, value)) return value;
  }
  return {};
}

Values sorted(const Values& values) {
  const std::set<std::string> set(values.begin(), values.end());
  return {set.begin(), set.end()};
}

constexpr const char* kOwnKey =
    "encrypt this image to a key of its own (`sifctl key create`), or bind it with the same limits";

std::string own_key_or_widen(const std::string& whom) {
  return std::string(kOwnKey) + "; or let them use this key first: sifctl key rule widen KEY " +
         whom;
}

constexpr const char* kAllSigners =
    "`sifctl key rule set KEY --all-signers` makes the rule ask for all of them, which older ones "
    "could not say";

/// All of whom the other rule takes any one.
bool is_stricter(const KeyRule& wanted, const KeyRule& existing) {
  return wanted.signers.empty() && existing.all_of.empty() &&
         sorted(wanted.all_of) == sorted(existing.signers);
}

Status check_set(const KeyRule& rule) {
  if (rule.is_set()) return {};
  return fail(Code::denied, "the key's rule is not set, so it serves nobody",
              "the administrator sets it with `sifctl image bind`");
}

}  // namespace

Status check_key_audience(const KeyRule& rule, std::string_view user,
                          const std::vector<std::string>& groups) {
  SG_CHECK(check_set(rule));
  if (rule.everyone) return {};
  if (!user.empty() && share(rule.users, {std::string(user)})) return {};
  if (share(rule.groups, groups)) return {};
  return fail(Code::denied, "the key's rule does not allow user " + printable(user, 100),
              "the administrator lets more users with sifctl key rule widen");
}

Status check_key_rule(const KeyRule& rule, std::string_view user,
                      const std::vector<std::string>& groups,
                      const std::vector<std::string>& signers_verified) {
  SG_CHECK(check_key_audience(rule, user, groups));
  return check_key_signers(rule, signers_verified);
}

Status check_key_signers(const KeyRule& rule, const std::vector<std::string>& signers_verified) {
  SG_CHECK(check_set(rule));
  if (!rule.signers.empty() && !share(rule.signers, signers_verified)) {
    return fail(
        Code::denied, "the key's rule does not allow images of this image's signers",
        "the administrator lets more signers with sifctl key rule widen, if they may use it");
  }
  if (const std::string lacking = outside(rule.all_of, signers_verified); !lacking.empty()) {
    return fail(Code::denied, "the key's rule wants the signature of " + printable(lacking, 200) +
                                  ", too, and the image's signers are not all that it wants");
  }
  return {};
}

std::string describe_rule_signers(const KeyRule& rule) {
  SignerRequirement required;
  required.any_of = rule.signers;
  required.all_of = rule.all_of;
  return describe_signers(required);
}

std::string describe_shortfall(const KeyRule& rule, const std::vector<SignerRequirement>& signers) {
  const auto certain = [&](const std::string& signer) {
    return std::any_of(signers.begin(), signers.end(), [&](const SignerRequirement& one) {
      return contains(one.all_of, signer) || one.any_of == Values{signer};
    });
  };
  for (const std::string& signer : rule.all_of) {
    if (!certain(signer)) return "it wants the signature of " + signer + " in any case";
  }
  if (rule.signers.empty() || std::any_of(rule.signers.begin(), rule.signers.end(), certain)) {
    return {};
  }
  // One of these is there: enough, if the rule takes each of them.
  Values beyond;
  for (const SignerRequirement& one : signers) {
    Values others;
    std::copy_if(one.any_of.begin(), one.any_of.end(), std::back_inserter(others),
                 [&](const std::string& signer) { return !contains(rule.signers, signer); });
    if (!one.any_of.empty() && others.empty()) return {};
    beyond.insert(beyond.end(), others.begin(), others.end());
  }
  std::string text;
  for (const std::string& signer : sorted(beyond)) text += (text.empty() ? "" : " or ") + signer;
  return "the signature of " + text + " alone is not enough for it";
}

KeyRule key_rule_for(const Binding& binding) {
  KeyRule rule;
  const SignerRequirement& signers = binding.signers;
  // "All" of one signer, as "any" of it, is one spelling.
  const bool one = signers.any_of.empty() && signers.all_of.size() == 1;
  rule.signers = sorted(one ? signers.all_of : signers.any_of);
  if (!one) rule.all_of = sorted(signers.all_of);
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

Status check_rule_covers(const KeyRule& existing, const KeyRule& wanted) {
  if (sorted(existing.signers) != sorted(wanted.signers) ||
      sorted(existing.all_of) != sorted(wanted.all_of)) {
    return fail(Code::denied,
                "already bound to other signers (its rule takes " +
                    describe_rule_signers(existing) + ", this asks for " +
                    describe_rule_signers(wanted) + ")",
                is_stricter(wanted, existing) ? kAllSigners : kOwnKey);
  }
  if (existing.everyone) return {};
  if (wanted.everyone) {
    return fail(Code::denied,
                "bound to certain users or groups, and this would open it to everyone",
                own_key_or_widen("--everyone"));
  }
  if (const std::string user = outside(wanted.users, existing.users); !user.empty()) {
    return fail(Code::denied,
                "not bound to user " + printable(user, 100) + ", and this would add them",
                own_key_or_widen("--user " + printable(user, 100)));
  }
  if (const std::string group = outside(wanted.groups, existing.groups); !group.empty()) {
    return fail(Code::denied,
                "not bound to group " + printable(group, 100) + ", and this would add it",
                own_key_or_widen("--group " + printable(group, 100)));
  }
  return {};
}

}  // namespace sifguard
