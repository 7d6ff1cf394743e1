// Bindings that match the same image: all of them must allow it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/common_audience.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Bindings that match the same image, all of which must allow it.
struct SharedBindings {
  std::vector<std::string> bindings;  ///< in the order of images.yaml
  std::string image;                  ///< a name that all of them match
  std::string left;                   ///< who may launch it; empty: nobody
  std::string why;                    ///< why nobody may
  NobodyBy by = NobodyBy::none;
};
/// Each set once, smaller ones first. `now` in Unix seconds.
[[nodiscard]] std::vector<SharedBindings> find_shared_bindings(const Policy& policy,
                                                               std::int64_t now);
/// A sentence: "'a' and 'b' are all for /apps/x.sif, so all must allow, which leaves users bob"
[[nodiscard]] std::string describe(const SharedBindings& shared);

/// For each binding, why nobody may launch its images, because of this binding alone or together
/// with others. Each set is reported with its last binding, and not if it contains another reported
/// set. That all of them have expired is not reported.
[[nodiscard]] std::vector<std::vector<std::string>> find_nobody(const Policy& policy,
                                                                std::int64_t now);

}  // namespace sifguard
