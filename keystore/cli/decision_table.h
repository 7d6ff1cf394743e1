// A table of decisions that an admin expects. Pure text.
//
// YAML, read strictly (keystore/policy/yaml.h):
//   version: 1
//   tests:
//     - {user: alice, partition: secure, image: /apps/x.sif, expect: allow, binding: x}
//
// Fields: user, image and expect (allow or deny) are required; account, partition, qos, reservation
// and node as in sifctl explain; groups, instead of those of the name service; at, a time instead
// of now; binding, the one that must allow or refuse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct ExpectedDecision {
  int line = 0;
  std::string user, image;
  std::optional<std::vector<std::string>> groups;
  std::optional<std::string> account, partition, qos, reservation, node;
  std::optional<std::int64_t> at;  ///< Unix seconds
  bool allow = false;
  std::optional<std::string> binding;
};

inline constexpr std::size_t kMaxTableSize = std::size_t{4} << 20U;

/// Errors: Code::config, "FILE:LINE: …", also for a table without a test.
[[nodiscard]] Result<std::vector<ExpectedDecision>> parse_decision_table(std::string_view text,
                                                                         std::string_view file);

}  // namespace sifguard
