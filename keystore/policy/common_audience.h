// Who may launch an image that several bindings match, because all of them must allow it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// What leaves nobody.
enum class NobodyBy {
  none,      ///< somebody is left
  names,     ///< other keys or digests (contradictions.h)
  signers,   ///< `signatures: all` beside other signers (common_signers.h)
  audience,  ///< other users, partitions, …, or times
  denial,    ///< a `deny`, which may be intended
};

struct CommonAudience {
  /// Why no job of anybody can pass all of them: "'a' allows users alice, 'b' allows users bob";
  /// empty if somebody may. The groups of users are unknown here, so two lists of groups leave
  /// those users who are in one of each.
  std::string nobody;
  NobodyBy by = NobodyBy::none;
  /// Who may: "users alice; partitions secure", as in describe_audience(), with the denials and
  /// times of all bindings. Not escaped.
  std::string left;
};

/// For at least one binding, as decide() would apply them from `now` (Unix seconds) on; a single
/// binding may also leave nobody. Keys are compared as they are written: give their ids.
/// Break-glass grants are ignored.
[[nodiscard]] CommonAudience common_audience(const std::vector<const Binding*>& bindings,
                                             std::int64_t now);

}  // namespace sifguard
