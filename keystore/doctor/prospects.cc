// Whether any launch could pass now by a binding, and with a key. The rights of the admin.
#include "keystore/doctor/prospects.h"

#include <algorithm>
#include <map>
#include <optional>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/policy/date.h"
#include "keystore/policy/shared_images.h"
#include "keystore/store/key_references.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/trust/signer_outlook.h"

namespace sifguard {
namespace {

using Names = std::vector<std::string>;

/// Of all whom the binding names, the rule lets none. Anybody may be in a group.
bool lets_none(const KeyRule& rule, const Audience& allow) {
  if (rule.everyone || !rule.groups.empty() || !allow.users) return false;
  return std::none_of(allow.users->begin(), allow.users->end(), [&](const std::string& user) {
    return user == kAnyUser || contains(rule.users, user);
  });
}

class Prospector {
 public:
  Prospector(const Examined& examined, std::vector<RevokedDigest> revoked)
      : examined_(examined),
        now_(examined.plan.now),
        revoked_(std::move(revoked)),
        signers_(*examined.keystore, *examined.signers, revocation_of(examined.config.revocation),
                 now_) {}

  Outlook of_binding(const Binding& binding, const std::string& closed) {
    Outlook sum = times_of(binding);
    if (!closed.empty())
      limit(sum, no_outlook("nobody may launch what it is for: " + closed, true));
    limit(sum, pin_of(binding));
    limit(sum, signers_of(binding));
    if (binding.key) limit(sum, line_of(binding));
    return sum;
  }

  /// Itself; whether a binding leads to it is another question.
  Outlook of_key(const KeyRecord& key) {
    if (!decrypts(key.state))
      return no_outlook("is " + std::string(key_state_name(key.state)), true);
    if (!key.has_private) return no_outlook("only its public half is held here", true);
    if (!key.rule.is_set()) return no_outlook("has no rule, and releases nothing", true);
    SignerRequirement rule;
    rule.any_of = key.rule.signers;
    rule.all_of = key.rule.all_of;
    return signers_.of(rule);
  }

  /// The key that is meant and those that replace it; none if there is none.
  const std::vector<KeyRecord>& line(const std::string& reference) {
    const auto [known, first] = lines_.try_emplace(reference);
    if (first) {
      known->second =
          key_and_successors(*examined_.keys, reference).value_or(std::vector<KeyRecord>());
    }
    return known->second;
  }

 private:
  [[nodiscard]] Outlook times_of(const Binding& binding) const {
    if (binding.not_before && now_ < *binding.not_before) {
      return no_outlook("begins on " + format_date(*binding.not_before, DayEdge::first_second),
                        true);
    }
    if (!binding.not_after) return {};
    const std::string end = format_date(*binding.not_after, DayEdge::last_second);
    if (now_ > *binding.not_after) return no_outlook("ended on " + end, true);
    return {"it ends", *binding.not_after + 1, true, false};
  }

  [[nodiscard]] Outlook pin_of(const Binding& binding) const {
    const auto found = std::find_if(revoked_.begin(), revoked_.end(), [&](const auto& one) {
      return binding.digest && one.digest == *binding.digest;
    });
    if (found == revoked_.end()) return {};
    return no_outlook("the one image that it is for is revoked (" + found->reason + ")");
  }

  Outlook signers_of(const Binding& binding) {
    for (const Names* names : {&binding.signers.any_of, &binding.signers.all_of}) {
      for (const std::string& name : *names) {
        const bool held = std::any_of(examined_.signers->begin(), examined_.signers->end(),
                                      [&](const auto& one) { return one.is_named(name); });
        if (!held) return no_outlook("the signer " + name + " is not in the keystore", true);
      }
    }
    // What nobody signed runs all the same, unless it is encrypted.
    if (binding.mode == Mode::warn) return {};
    return signers_.of(binding.signers);
  }

  /// Any key of the line serves.
  Outlook line_of(const Binding& binding) {
    std::optional<Outlook> best;
    for (const KeyRecord& key : line(*binding.key)) {
      Outlook one = of_key(key);
      if (one.holds && lets_none(key.rule, binding.allow)) {
        one = no_outlook("has a rule that lets none of the users whom the binding names", true);
      }
      if (!one.holds) one.why = "the key '" + key.name + "' " + one.why;
      if (!best) best = one;
      take_longer(*best, one);
    }
    return best.value_or(no_outlook("the keystore lacks its key", true));
  }

  const Examined& examined_;
  std::int64_t now_;
  std::vector<RevokedDigest> revoked_;
  SignerOutlook signers_;
  std::map<std::string, std::vector<KeyRecord>> lines_;
};

Prospect prospect_of(const std::string& name, const Outlook& hold) {
  return {name, hold.holds, hold.until == Outlook::kNoEnd ? std::string() : hold.why,
          hold.until == Outlook::kNoEnd ? 0 : hold.until, hold.is_others};
}

/// Of the bindings that lead to each key, by its id, the one that passes longest.
std::map<std::string, Outlook> through_bindings(Prospector& prospector,
                                                const std::vector<Binding>& bindings,
                                                const std::vector<Outlook>& holds) {
  std::map<std::string, Outlook> best;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    if (!bindings[i].key) continue;
    Outlook one = holds[i];
    one.is_others = true;  // told of the binding
    one.why = "by the binding '" + bindings[i].name + "': " + one.why;
    for (const KeyRecord& key : prospector.line(*bindings[i].key)) {
      const auto [known, first] = best.try_emplace(key.id, one);
      if (!first) take_longer(known->second, one);
    }
  }
  return best;
}

}  // namespace

Prospects find_prospects(const Examined& examined) {
  Prospects found;
  if (!examined.policy || !examined.keys || !examined.signers) return found;
  auto revoked = revoked_digests(*examined.keystore);
  Prospector prospector(examined, std::move(revoked).value_or(std::vector<RevokedDigest>()));
  const auto& bindings = examined.policy->bindings;
  Policy resolved = *examined.policy;
  resolve_keys(resolved, *examined.keys);
  const auto closed = find_closed(resolved.bindings, examined.plan.now);
  std::vector<Outlook> holds;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    holds.push_back(prospector.of_binding(bindings[i], closed[i]));
    found.bindings.push_back(prospect_of(bindings[i].name, holds.back()));
  }
  const auto through = through_bindings(prospector, bindings, holds);
  for (const KeyRecord& key : *examined.keys) {
    if (key.state == KeyState::destroyed) continue;
    Outlook sum = prospector.of_key(key);
    const auto leads = through.find(key.id);
    limit(sum, leads == through.end() ? no_outlook("no binding uses it", true) : leads->second);
    found.keys.push_back(prospect_of(key.name, sum));
  }
  return found;
}

void check_launches(const Examined& examined, Findings& findings) {
  const Prospects prospects = find_prospects(examined);
  for (const Prospect& one : prospects.bindings) {
    if (one.passes || one.is_others) continue;
    findings.problem("binding " + one.name,
                     "no launch passes by the binding '" + one.name + "': " + one.why,
                     "correct the binding, or what it names");
  }
  for (const Prospect& one : prospects.keys) {
    if (one.passes || one.is_others) continue;
    findings.problem("key " + one.name, "no launch gets the key '" + one.name + "': " + one.why,
                     "see sifctl key rule show " + one.name);
  }
}

}  // namespace sifguard
