// Which launches would be refused if signers no longer counted, or were no longer there. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "keystore/cli/past_launches.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What would become of a launch, if it were repeated.
enum class Effect { none, perhaps, refused };

struct LostSigners {
  std::set<std::string> names;  ///< that bindings and keys' rules may call them by
  bool removed = false;         ///< the keystore lacks them, so that whatever names them refuses
  /// Signatures that were made before still count (Unix seconds): those of images that were
  /// launched by then were. 0: none counts.
  std::int64_t at = 0;
};

/// By the bindings under which it was launched, as they are now, and its key's own rule.
[[nodiscard]] Effect effect_of(const LostSigners& lost, const PastLaunch& launch,
                               const Policy& policy, const std::vector<KeyRecord>& keys);

}  // namespace sifguard
