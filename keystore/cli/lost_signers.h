// Which launches would be refused if signers no longer counted or were removed. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "keystore/cli/past_launches.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What would happen to a launch if it were repeated.
enum class Effect { none, perhaps, refused };

struct LostSigners {
  std::set<std::string> names;  ///< by which bindings and keys' rules may name them
  bool removed = false;  ///< the keystore lacks them, so that every binding that names them refuses
  /// Unix seconds: signatures that were made before still count, and an image that was launched
  /// before was signed before. 0: none counts.
  std::int64_t at = 0;
};

/// Judged by the bindings under which it was launched, as they are now, and its key's own rule.
[[nodiscard]] Effect effect_of(const LostSigners& lost, const PastLaunch& launch,
                               const Policy& policy, const std::vector<KeyRecord>& keys);

}  // namespace sifguard
