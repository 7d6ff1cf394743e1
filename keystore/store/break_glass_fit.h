// Which grants of break-glass count: those whose binding still is the one that they were given for.
// Another may have taken its name since, or its paths, its key, its denials. Pure, but for
// void_unfit_grants(), which writes with the rights of the admin.
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

/// Before images.yaml changes from `before` to `after`: voids, for good, the grants that do not fit
/// both, so that a binding that goes and comes back, word for word the same, finds none. Text that
/// is not well-formed lets nobody pass, and voids nothing. Which were voided.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> void_unfit_grants(const Keystore& keystore,
                                                                     std::string_view before,
                                                                     std::string_view after);

}  // namespace sifguard
