// Who is left where several bindings are for one image: all of them must allow. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

struct CommonAudience {
  /// Why no job can pass all of them, whoever's it is: "'a' allows users alice, 'b' allows users
  /// bob"; empty where somebody may. Nobody's groups are known here, so that two lists of groups
  /// leave whoever is in one of each.
  std::string nobody;
  bool denied = false;  ///< nobody is left because of a `deny`, which somebody may have meant so
  /// Who may: "users alice; partitions secure", as describe_audience(), with the denials and times
  /// of all. Not escaped.
  std::string left;
};

/// Of at least one binding, as decide() would hold them from `now` (Unix seconds) on: one alone may
/// leave nobody, too. Grants of break-glass do not count.
[[nodiscard]] CommonAudience common_audience(const std::vector<const Binding*>& bindings,
                                             std::int64_t now);

}  // namespace sifguard
