// Compares the limits of a binding, besides users and groups, with another binding of the same key.
// A key's own rule has no partitions, denials or times, so earlier bindings of the key set these
// limits. Pure.
#pragma once

#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Checks that `wanted` allows nothing that `existing` refuses by accounts, partitions, QOS,
/// reservations, nodes, deny, its time, signed_after, the form of signatures, or `release: mount`.
/// Groups count if `existing` also names users, because the key's rule then names only the users.
/// Errors: Code::denied, which says what would be less strict.
Status check_limits_cover(const Binding& existing, const Binding& wanted);

/// Checks that `binding` may share its key with `others`, which are bindings of this key or of keys
/// that replaced each other: it must have the same signers as each of them, and stay within the
/// limits of at least one. Errors: Code::denied, with what to do instead.
Status check_siblings(const std::vector<const Binding*>& others, const Binding& binding);

}  // namespace sifguard
