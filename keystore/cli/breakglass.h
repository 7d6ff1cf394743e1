// Break-glass grants, by which one user passes one binding's allow for a time, where other commands
// than sifctl breakglass meet them. Runs with the rights of the admin.
#pragma once

#include <string_view>

#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Those that count under `policy`, for decide(). Errors: Code::config.
[[nodiscard]] Result<std::vector<BreakGlass>> read_break_glass(const Keystore& keystore,
                                                               const Policy& policy);

/// To be called under lock_images(), before images.yaml changes from `before` to `after`: voids the
/// grants whose binding that removes or changes (void_unfit_grants()), and tells and alerts of
/// each.
Status void_break_glass(const Session& session, const Keystore& keystore, std::string_view before,
                        std::string_view after);

}  // namespace sifguard
