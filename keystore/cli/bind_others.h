// What other bindings make of one that is added: all that are for an image must allow. Pure but for
// the output.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/bind_plan.h"
#include "keystore/cli/session.h"
#include "keystore/cli/shared_bindings.h"

namespace sifguard {

struct BindOthers {
  std::vector<SharedBindings> shared;  ///< each with the binding itself
  std::vector<std::string> possible;   ///< the bindings that may be for an image of it
};

/// Of the binding of the plan. Errors: Code::denied where nobody is left, by it alone too; but
/// not where a denial leaves nobody for an image of another binding, which is told.
[[nodiscard]] Result<BindOthers> others_of(const BindPlan& plan);

/// A line for each on the standard output.
void tell_others(const Session& session, const BindOthers& others);

}  // namespace sifguard
