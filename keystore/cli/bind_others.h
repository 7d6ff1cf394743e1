// How other bindings affect a binding that is added, because all that match an image must allow it.
// Pure except for the output.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/bind_plan.h"
#include "keystore/cli/session.h"
#include "keystore/cli/shared_bindings.h"

namespace sifguard {

struct BindOthers {
  std::vector<SharedBindings> shared;  ///< each includes the binding itself
  std::vector<std::string> possible;   ///< other bindings that may match an image of it
};

/// For the binding of the plan; `keys` are all of the keystore. Errors: Code::denied if nobody is
/// left who may run an image, also if the binding itself allows nobody; but not if a denial leaves
/// nobody for an image of another binding, which tell_others() reports.
[[nodiscard]] Result<BindOthers> others_of(const BindPlan& plan,
                                           const std::vector<KeyRecord>& keys);

/// Prints a line for each on the standard output.
void tell_others(const Session& session, const BindOthers& others);

}  // namespace sifguard
