// Bindings that are for one image: all of them must allow. Pure.
#include "keystore/cli/shared_bindings.h"

#include <algorithm>

#include "keystore/policy/common_audience.h"
#include "keystore/policy/shared_images.h"

namespace sifguard {
namespace {

using Texts = std::vector<std::string>;

/// Smaller sets first.
std::vector<SharedImage> shared_of(const Policy& policy) {
  auto all = find_shared(policy.bindings);
  std::stable_sort(all.begin(), all.end(), [](const SharedImage& a, const SharedImage& b) {
    return a.bindings.size() < b.bindings.size();
  });
  return all;
}

std::vector<const Binding*> bindings_of(const Policy& policy, const SharedImage& shared) {
  std::vector<const Binding*> all;
  for (const std::size_t i : shared.bindings) all.push_back(&policy.bindings[i]);
  return all;
}

bool has_ended(const Binding& binding, std::int64_t now) {
  return binding.not_after && *binding.not_after < now;
}

/// "'a' and 'b'", "'a', 'b' and 'c'"
std::string listed(const Texts& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

}  // namespace

std::vector<SharedBindings> find_shared_bindings(const Policy& policy, std::int64_t now) {
  std::vector<SharedBindings> all;
  for (const SharedImage& one : shared_of(policy)) {
    const CommonAudience common = common_audience(bindings_of(policy, one), now);
    all.push_back({{}, one.image, common.left, common.nobody, common.by});
    for (const std::size_t i : one.bindings) all.back().bindings.push_back(policy.bindings[i].name);
  }
  return all;
}

std::string describe(const SharedBindings& shared) {
  return listed(shared.bindings) + " are all for " + shared.image + ", so all must allow, which " +
         (shared.left.empty() ? "leaves nobody: " + shared.why : "leaves " + shared.left);
}

std::vector<Texts> find_nobody(const Policy& policy, std::int64_t now) {
  const std::vector<Binding>& bindings = policy.bindings;
  std::vector<Texts> of_binding(bindings.size());
  std::vector<bool> alone(bindings.size(), false);
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const auto common = common_audience({&bindings[i]}, now);
    alone[i] = !common.nobody.empty();
    if (alone[i] && !has_ended(bindings[i], now)) {
      of_binding[i].push_back("it leaves nobody: " + common.nobody);
    }
  }
  std::vector<std::vector<std::size_t>> told;
  for (const SharedImage& one : shared_of(policy)) {
    const auto common = common_audience(bindings_of(policy, one), now);
    const bool known =
        std::any_of(one.bindings.begin(), one.bindings.end(),
                    [&](auto i) { return alone[i] && !has_ended(bindings[i], now); }) ||
        std::all_of(one.bindings.begin(), one.bindings.end(),
                    [&](auto i) { return has_ended(bindings[i], now); }) ||
        std::any_of(told.begin(), told.end(), [&](const auto& set) {
          return std::includes(one.bindings.begin(), one.bindings.end(), set.begin(), set.end());
        });
    if (common.nobody.empty() || common.by == NobodyBy::names || known) continue;
    Texts others;
    for (const std::size_t i : one.bindings) {
      if (i != one.bindings.back()) others.push_back(bindings[i].name);
    }
    of_binding[one.bindings.back()].push_back("with " + listed(others) + " it leaves nobody for " +
                                              one.image +
                                              ", which all of them are for: " + common.nobody);
    told.push_back(one.bindings);
  }
  return of_binding;
}

}  // namespace sifguard
