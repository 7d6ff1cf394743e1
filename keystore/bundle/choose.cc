// Which bindings a bundle for some bindings has to carry. Pure.
#include "keystore/bundle/choose.h"

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/overlap.h"

namespace sifguard {
namespace {

/// A pattern that is carried.
struct Carried {
  std::string pattern;
  bool asked_for;
  bool without_key;  ///< of a binding asked for that names no key: another one may
};

/// Takes up into `other` what it has to say of images that `carried` matches. What it then is
/// carried for beyond them, is added to `more`.
void take_up(const Binding& whole, const Carried& carried, ChosenBinding& other,
             std::vector<Carried>& more) {
  auto& match = other.binding.match;
  for (const std::string& pattern : whole.match) {
    if (!patterns_may_meet(pattern, carried.pattern)) continue;
    other.with_signers = other.with_signers || carried.asked_for;
    other.with_key = other.with_key || carried.without_key;
    if (contains(match, pattern)) continue;
    if (pattern_covers(pattern, carried.pattern)) {
      if (!contains(match, carried.pattern)) match.push_back(carried.pattern);
    } else {
      match.push_back(pattern);
      more.push_back({pattern, false, false});
    }
  }
}

Status check_names(const Policy& policy, const std::vector<std::string>& only) {
  for (const std::string& name : only) {
    if (std::none_of(policy.bindings.begin(), policy.bindings.end(),
                     [&](const Binding& binding) { return binding.name == name; })) {
      return fail(Code::absent, "there is no binding '" + printable(name, 100) + "'",
                  "see sifctl image list");
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ChosenBinding>> choose_bindings(const Policy& policy,
                                                   const std::vector<std::string>& only) {
  SG_CHECK(check_names(policy, only));
  std::vector<ChosenBinding> all;
  std::vector<Carried> carried;
  for (const Binding& binding : policy.bindings) {
    all.push_back({binding});
    if (only.empty() || contains(only, binding.name)) {
      for (const std::string& pattern : binding.match) {
        carried.push_back({pattern, true, !binding.key});
      }
    } else {
      all.back() = {binding, false, false, false};
      all.back().binding.match.clear();
    }
  }
  if (only.empty()) return all;
  for (std::size_t at = 0; at < carried.size(); ++at) {
    const Carried one = carried[at];
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].asked_for) take_up(policy.bindings[i], one, all[i], carried);
    }
  }
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](const ChosenBinding& one) { return one.binding.match.empty(); }),
            all.end());
  return all;
}

}  // namespace sifguard
