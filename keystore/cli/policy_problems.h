// Problems of well-formed bindings: missing signers and keys, keys whose own rule refuses. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/cli/explanation.h"
#include "keystore/cli/shared_bindings.h"

namespace sifguard {

struct PolicyProblem {
  std::string binding;
  int line = 0;        ///< in images.yaml
  std::string what;    ///< "the signer … is not in the keystore"
  bool ended = false;  ///< not a mistake: the binding has expired
};

/// In the order of the bindings. `now` in Unix seconds.
[[nodiscard]] std::vector<PolicyProblem> find_problems(const Rules& rules, std::int64_t now);

/// Parses an images.yaml that is not the keystore's. Errors: those of parse_policy(), "FILE:LINE:
/// …".
[[nodiscard]] Result<Policy> parse_policy_file(std::string_view text, const std::string& file);

}  // namespace sifguard
