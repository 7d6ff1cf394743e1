// What a binding limits besides users and groups, compared with another binding of the same key.
// Pure.
#include "keystore/policy/binding_limits.h"

#include <algorithm>
#include <array>
#include <string>

#include "keystore/base/contains.h"
#include "keystore/policy/audience_dimensions.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe_binding.h"
#include "keystore/policy/key_rule.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using Dimension = AudienceDimension;

constexpr std::array<Dimension, 5> kJobDimensions = {&Audience::accounts, &Audience::partitions,
                                                     &Audience::qos, &Audience::reservations,
                                                     &Audience::nodes};
constexpr std::array<Dimension, 7> kAllDimensions = {
    &Audience::users, &Audience::groups,       &Audience::accounts, &Audience::partitions,
    &Audience::qos,   &Audience::reservations, &Audience::nodes};

/// "partitions secure"
std::string describe_only(const Audience& audience, Dimension dimension) {
  Audience one;
  one.*dimension = audience.*dimension;
  return describe_audience(one);
}

tl::unexpected<Error> looser(const Binding& existing, const std::string& why) {
  return fail(Code::denied, "'" + existing.name + "' " + why);
}

Status check_allow(const Binding& existing, const Binding& wanted, Dimension dimension) {
  if (!is_limited(existing.allow, dimension)) return {};
  const auto& values = wanted.allow.*dimension;
  if (values && is_within(*values, *(existing.allow.*dimension))) return {};
  return looser(existing, "allows " + describe_only(existing.allow, dimension) +
                              " alone, and this would allow " +
                              (values ? describe_only(wanted.allow, dimension) : "any"));
}

/// Nobody whom `denied` could mean is allowed here anyway.
bool allows_none_of(const Audience& allow, const Audience& denied) {
  return std::any_of(kSingleDimensions.begin(), kSingleDimensions.end(), [&](Dimension each) {
    if (!is_limited(allow, each) || !is_limited(denied, each)) return false;
    return std::none_of((allow.*each)->begin(), (allow.*each)->end(),
                        [&](const std::string& value) { return contains(*(denied.*each), value); });
  });
}

/// Who is all that `less` says is all that `more` says, too.
bool denies_as_much(const Audience& more, const Audience& less) {
  return std::all_of(kAllDimensions.begin(), kAllDimensions.end(), [&](Dimension each) {
    if (!is_limited(more, each)) return true;
    return (less.*each) && is_within(*(less.*each), *(more.*each));
  });
}

Status check_deny(const Binding& existing, const Binding& wanted) {
  if (!existing.deny || allows_none_of(wanted.allow, *existing.deny)) return {};
  if (wanted.deny && denies_as_much(*wanted.deny, *existing.deny)) return {};
  return looser(existing, "denies " + describe_audience(*existing.deny) +
                              ", and this would not deny all of them");
}

Status check_times(const Binding& existing, const Binding& wanted) {
  if (existing.not_before && (!wanted.not_before || *wanted.not_before < *existing.not_before)) {
    return looser(existing, "begins on " +
                                format_date(*existing.not_before, DayEdge::first_second) +
                                ", and this would earlier");
  }
  if (existing.not_after && (!wanted.not_after || *wanted.not_after > *existing.not_after)) {
    return looser(existing, "ends on " + format_date(*existing.not_after, DayEdge::last_second) +
                                ", and this would not by then");
  }
  const auto& after = existing.signers.signed_after;
  if (after && (!wanted.signers.signed_after || *wanted.signers.signed_after < *after)) {
    return looser(existing, "takes no signatures from before " +
                                format_date(*after, DayEdge::first_second) +
                                ", and this would take older ones");
  }
  return {};
}

}  // namespace

Status check_limits_cover(const Binding& existing, const Binding& wanted) {
  for (const Dimension each : kJobDimensions) SG_CHECK(check_allow(existing, wanted, each));
  if (is_limited(existing.allow, &Audience::users)) {
    SG_CHECK(check_allow(existing, wanted, &Audience::groups));
  }
  SG_CHECK(check_deny(existing, wanted));
  SG_CHECK(check_times(existing, wanted));
  if (wanted.signers.legacy && !existing.signers.legacy) {
    return looser(existing, "takes no legacy signatures, and this would");
  }
  if (existing.signers.no_strangers && !wanted.signers.no_strangers) {
    return looser(existing, "wants no signatures of others, and this would bear them");
  }
  if (existing.release == Release::mount && wanted.release != Release::mount) {
    return looser(existing, "releases no key to jobs (release: mount), and this might");
  }
  return {};
}

Status check_siblings(const std::vector<const Binding*>& others, const Binding& binding) {
  constexpr const char* kOwnKey = "encrypt this image to a key of its own (`sifctl key create`)";
  const KeyRule wanted = key_rule_for(binding);
  std::optional<Error> looser;  // than the first
  bool covered = others.empty();
  for (const Binding* other : others) {
    // As they are written first: a key may have thousands of bindings.
    const bool same = other->signers.any_of == binding.signers.any_of &&
                      other->signers.all_of == binding.signers.all_of;
    if (!same) {
      const KeyRule rule = key_rule_for(*other);
      if (rule.signers != wanted.signers || rule.all_of != wanted.all_of) {
        return fail(Code::denied,
                    "bound by '" + other->name + "' to the signers " + describe_rule_signers(rule),
                    kOwnKey);
      }
    }
    if (covered) continue;
    const Status within = check_limits_cover(*other, binding);
    covered = within.has_value();
    if (!covered && !looser) looser = within.error();
  }
  if (covered) return {};
  return fail(Code::denied, "its binding " + looser->what(),
              std::string(kOwnKey) + ", or bind it with the same limits");
}

}  // namespace sifguard
