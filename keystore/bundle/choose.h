// Which bindings a bundle for some bindings has to carry. Pure.
//
// All bindings that match an image must pass, so one that is left out would let pass what it
// denies. Beside the bindings asked for go all others whose patterns may match a name that theirs
// match, limited to those names where that can be written as patterns. Where it cannot, such a
// binding is carried with its own pattern, and so, for the same reason, is what overlaps with that:
// for every name that any carried binding matches, exactly the bindings of the whole policy match.
// (An image that is reached through a symbolic link has two names, which no pattern shows.)
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

struct ChosenBinding {
  Binding binding;           ///< with `match` as it is carried
  bool asked_for = true;     ///< or carried because of another
  bool with_signers = true;  ///< an image of those asked for may want the signers that it names
  bool with_key = true;      ///< an image of those asked for may want the key that it names
};

/// In the order of the policy. `only`: names; empty for all. Errors: Code::usage for one that is
/// not there.
[[nodiscard]] Result<std::vector<ChosenBinding>> choose_bindings(
    const Policy& policy, const std::vector<std::string>& only);

}  // namespace sifguard
