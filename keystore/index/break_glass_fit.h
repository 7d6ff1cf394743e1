// Which grants of break-glass count: those whose binding still is the one that they were given for.
// Another may have taken its name since, or its paths, its key, its denials. Pure.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/break_glass.h"

namespace sifguard {

/// SHA-256, 64 lower-case digits, of all that a binding says but for its `allow`, for which a grant
/// stands in. Errors: Code::internal.
[[nodiscard]] Result<std::string> digest_of_conditions(const Binding& binding);

/// Whether `policy` has the binding as it was when the grant was given.
[[nodiscard]] bool fits(const BreakGlassGrant& grant, const Policy& policy);

/// The grants that fit, for decide(); `policy` with its keys as they are written in images.yaml.
[[nodiscard]] std::vector<BreakGlass> fitting(const std::vector<BreakGlassGrant>& grants,
                                              const Policy& policy);

}  // namespace sifguard
