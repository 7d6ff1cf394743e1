// The dimensions of an audience, by their names in images.yaml. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Calls `each(name, values)` for all of them in their order; `values` is an optional list.
template <typename Each>
void for_each_dimension(const Audience& audience, const Each& each) {
  each("users", audience.users);
  each("groups", audience.groups);
  each("accounts", audience.accounts);
  each("partitions", audience.partitions);
  each("qos", audience.qos);
  each("reservations", audience.reservations);
  each("nodes", audience.nodes);
}

using AudienceValues = std::vector<std::string>;
using AudienceDimension = std::optional<AudienceValues> Audience::*;

/// A job has one value of each of these, so two lists without a common value exclude each other.
/// (Its owner may be in many groups.)
inline constexpr std::array<AudienceDimension, 6> kSingleDimensions = {
    &Audience::users, &Audience::accounts,     &Audience::partitions,
    &Audience::qos,   &Audience::reservations, &Audience::nodes};

/// Whether `audience` limits the dimension: it has a list, which is not that of any user.
[[nodiscard]] bool is_limited(const Audience& audience, AudienceDimension dimension);

/// Whether `others` have all of `values`.
[[nodiscard]] bool is_within(const AudienceValues& values, const AudienceValues& others);

}  // namespace sifguard
