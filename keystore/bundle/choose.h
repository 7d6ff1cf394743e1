// Which bindings a bundle for some bindings must contain. Pure.
//
// All bindings that match an image must allow it, so leaving one out could allow what it denies.
// Therefore the bundle also contains all other bindings whose patterns may match a name that a
// requested binding matches, limited to those names if patterns can express that. If not, such a
// binding is included with its own pattern, and then, for the same reason, so are the bindings that
// overlap with it: for every name that an included binding matches, exactly the bindings of the
// whole policy match. (An image that is reached through a symbolic link has two names, which
// patterns cannot show.)
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

struct ChosenBinding {
  Binding binding;           ///< with `match` as it is included
  bool asked_for = true;     ///< false: it is included because of another binding
  bool with_signers = true;  ///< an image of a requested binding may need the signers that it names
  bool with_key = true;      ///< an image of a requested binding may need the key that it names
};

/// In the order of the policy. `only`: names; empty for all. Errors: Code::usage for an unknown
/// name.
[[nodiscard]] Result<std::vector<ChosenBinding>> choose_bindings(
    const Policy& policy, const std::vector<std::string>& only);

}  // namespace sifguard
