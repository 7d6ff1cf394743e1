// Break-glass grants (each lets one user pass one binding's allow for a time) in commands other
// than sifctl breakglass. Runs with the rights of the admin.
#pragma once

#include <string_view>

#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The grants that count under `policy`, for decide(). Errors: Code::config.
[[nodiscard]] Result<std::vector<BreakGlass>> read_break_glass(const Keystore& keystore,
                                                               const Policy& policy);

/// Call it under lock_images(), before images.yaml changes from `before` to `after`: voids the
/// grants whose binding is removed or changed (void_unfit_grants()), and reports each with an
/// alert.
Status void_break_glass(const Session& session, const Keystore& keystore, std::string_view before,
                        std::string_view after);

}  // namespace sifguard
