// Which break-glass grants count: those whose binding is still the one for which they were made.
// Meanwhile another binding may have got its name, or its paths, key or denials may have changed.
// Pure, except void_unfit_grants(), which writes with the rights of the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/break_glass.h"

namespace sifguard {

/// SHA-256, 64 lower-case digits, of a whole binding except its `allow`, which a grant replaces.
/// Errors: Code::internal.
[[nodiscard]] Result<std::string> digest_of_conditions(const Binding& binding);

/// Whether `policy` has the binding as it was when the grant was made.
[[nodiscard]] bool fits(const BreakGlassGrant& grant, const Policy& policy);

/// The grants that fit, for decide(); `policy` with its keys as they are written in images.yaml.
[[nodiscard]] std::vector<BreakGlass> fitting(const std::vector<BreakGlassGrant>& grants,
                                              const Policy& policy);

/// Call it before images.yaml changes from `before` to `after`: permanently voids the grants that
/// do not fit both, so that a binding that is removed and added again, even with the same words,
/// has none. Malformed text lets nobody pass, and voids nothing. Returns the voided grants.
[[nodiscard]] Result<std::vector<BreakGlassGrant>> void_unfit_grants(const Keystore& keystore,
                                                                     std::string_view before,
                                                                     std::string_view after);

}  // namespace sifguard
