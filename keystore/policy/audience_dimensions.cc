// The dimensions of an audience, and what they limit. Pure.
#include "keystore/policy/audience_dimensions.h"

#include <algorithm>

#include "keystore/base/contains.h"

namespace sifguard {

bool is_limited(const Audience& audience, AudienceDimension dimension) {
  const auto& values = audience.*dimension;
  return values && !(dimension == &Audience::users && contains(*values, kAnyUser));
}

bool is_within(const AudienceValues& values, const AudienceValues& others) {
  return std::all_of(values.begin(), values.end(),
                     [&](const std::string& value) { return contains(others, value); });
}

}  // namespace sifguard
