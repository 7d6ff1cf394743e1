// Who is left if several bindings match one image. Pure.
#include "keystore/policy/common_audience.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "keystore/base/contains.h"
#include "keystore/policy/audience_dimensions.h"
#include "keystore/policy/common_signers.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe_binding.h"

namespace sifguard {
namespace {

using Dimension = AudienceDimension;

/// "'a' allows users alice"
std::string says(const Binding& binding, const char* verb, const Audience& audience,
                 Dimension dimension) {
  Audience one;
  one.*dimension = audience.*dimension;
  return "'" + binding.name + "' " + verb + " " + describe_audience(one);
}

using Named = std::optional<std::string> Binding::*;

/// Two of them that name different keys, or images, are for none.
std::string contradiction(const std::vector<const Binding*>& bindings, Named what,
                          const char* words) {
  const Binding* first = nullptr;
  for (const Binding* const one : bindings) {
    if (!(one->*what)) continue;
    if (first == nullptr) first = one;
    if (*(one->*what) != *(first->*what)) {
      return "'" + first->name + "' and '" + one->name + "' " + words;
    }
  }
  return {};
}

/// Takes over what is common, binding by binding.
class Sum {
 public:
  void add(const Binding& binding) {
    for (const Dimension each : kSingleDimensions) {
      if (nobody.empty() && is_limited(binding.allow, each)) narrow(binding, each);
    }
    if (binding.allow.groups) add_groups(*binding.allow.groups);
    if (binding.not_before && (!from || *from->not_before < *binding.not_before)) from = &binding;
    if (binding.not_after && (!until || *until->not_after > *binding.not_after)) until = &binding;
  }

  /// What `binding` denies of what is left.
  void subtract(const Binding& binding) {
    if (!nobody.empty() || !binding.deny) return;
    const Audience& deny = *binding.deny;
    std::vector<Dimension> open;  // in which not all that is left is denied
    for (const Dimension each : kSingleDimensions) {
      if (!is_limited(deny, each)) continue;
      if (!(left.*each) || !is_within(*(left.*each), *(deny.*each))) open.push_back(each);
    }
    const bool all_groups =
        !deny.groups || std::any_of(groups.begin(), groups.end(), [&](const AudienceValues& one) {
          return is_within(one, *deny.groups);
        });
    if (open.empty() && all_groups) {
      by_denial = true;
      nobody = "'" + binding.name + "' denies " + describe_audience(deny) + ", which is all of " +
               (shown().empty() ? "everyone" : shown());
      return;
    }
    const bool exact = open.size() == 1 && all_groups && (left.*open.front());
    if (exact) {
      std::erase_if(*(left.*open.front()),
                    [&](const std::string& one) { return contains(*(deny.*open.front()), one); });
    } else {
      denied.push_back(describe_audience(deny));
    }
  }

  void check_times(std::int64_t now) {
    if (!nobody.empty() || !until) return;
    if (*until->not_after < now) {
      nobody =
          "'" + until->name + "' ended on " + format_date(*until->not_after, DayEdge::last_second);
      return;
    }
    if (!from || *from->not_before <= *until->not_after) return;
    nobody = "'" + from->name + "' begins on " +
             format_date(*from->not_before, DayEdge::first_second) + ", '" + until->name +
             "' ends on " + format_date(*until->not_after, DayEdge::last_second);
  }

  [[nodiscard]] std::string shown() const {
    std::string text = describe_audience(left);
    for (const AudienceValues& one : groups) {
      Audience audience;
      audience.groups = one;
      text += (text.empty() ? "" : "; ") + describe_audience(audience);
    }
    return text;
  }

  [[nodiscard]] std::string described() const {
    std::string text = shown();
    if (text.empty()) text = "everyone";
    for (const std::string& one : denied) text += "; not " + one;
    if (from) text += "; from " + format_date(*from->not_before, DayEdge::first_second);
    if (until) text += "; until " + format_date(*until->not_after, DayEdge::last_second);
    return text;
  }

  std::string nobody;
  bool by_denial = false;

 private:
  void narrow(const Binding& binding, Dimension each) {
    auto& common = left.*each;
    if (!common) {
      common = binding.allow.*each;
      by_[index_of(each)] = &binding;
      return;
    }
    AudienceValues both = *common;
    std::erase_if(both,
                  [&](const std::string& one) { return !contains(*(binding.allow.*each), one); });
    if (both.empty()) {
      const Binding& before = *by_[index_of(each)];
      nobody =
          says(before, "allows", left, each) + ", " + says(binding, "allows", binding.allow, each);
      return;
    }
    if (both.size() < common->size()) by_[index_of(each)] = &binding;
    common = std::move(both);
  }

  /// A list that another is within says nothing more.
  void add_groups(const AudienceValues& more) {
    for (const AudienceValues& one : groups) {
      if (is_within(one, more)) return;
    }
    std::erase_if(groups, [&](const AudienceValues& one) { return is_within(more, one); });
    groups.push_back(more);
  }

  static std::size_t index_of(Dimension each) {
    return static_cast<std::size_t>(
        std::find(kSingleDimensions.begin(), kSingleDimensions.end(), each) -
        kSingleDimensions.begin());
  }

  Audience left;                       ///< of `kSingleDimensions`, those that some binding limits
  std::vector<AudienceValues> groups;  ///< of each list the user is in one
  std::vector<std::string> denied;
  const Binding* from = nullptr;                               ///< the last to begin
  const Binding* until = nullptr;                              ///< the first to end
  std::array<const Binding*, kSingleDimensions.size()> by_{};  ///< who narrowed the dimension last
};

}  // namespace

CommonAudience common_audience(const std::vector<const Binding*>& bindings, std::int64_t now) {
  std::string differ = contradiction(bindings, &Binding::digest, "are each for another digest");
  if (differ.empty()) differ = contradiction(bindings, &Binding::key, "name different keys");
  if (!differ.empty()) return {std::move(differ), NobodyBy::names, {}};
  std::string refused = contradicting_signers(bindings);
  if (!refused.empty()) return {std::move(refused), NobodyBy::signers, {}};
  Sum sum;
  for (const Binding* const binding : bindings) sum.add(*binding);
  for (const Binding* const binding : bindings) sum.subtract(*binding);
  sum.check_times(now);
  if (sum.nobody.empty()) return {{}, NobodyBy::none, sum.described()};
  return {sum.nobody, sum.by_denial ? NobodyBy::denial : NobodyBy::audience, {}};
}

}  // namespace sifguard
