// Bindings that are for one image: all of them must allow. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Bindings that are for one image, all of which must allow.
struct SharedBindings {
  std::vector<std::string> bindings;  ///< in the order of images.yaml
  std::string image;                  ///< a name that all of them match
  std::string left;                   ///< who may launch it; empty: nobody
  std::string why;                    ///< why nobody may
  bool denied = false;                ///< because of a `deny`, which somebody may have meant so
};
/// Each set once, smaller ones first. `now` in Unix seconds.
[[nodiscard]] std::vector<SharedBindings> find_shared_bindings(const Policy& policy,
                                                               std::int64_t now);
/// "'a' and 'b' are all for /apps/x.sif, so all must allow, which leaves users bob"
[[nodiscard]] std::string describe(const SharedBindings& shared);

/// For each binding why nobody may launch what it is for, by itself or together with others: of
/// each set told with the last of it, and not again of a set that has another within it. That the
/// time of all of them is over is not told.
[[nodiscard]] std::vector<std::vector<std::string>> find_nobody(const Policy& policy,
                                                                std::int64_t now);

}  // namespace sifguard
