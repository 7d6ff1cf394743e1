// What a binding limits besides users and groups, held against another binding of the same key: a
// key's own rule knows nothing of partitions, denials or times, so the bindings before do. Pure.
#pragma once

#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Whether `wanted` lets nothing pass that `existing` stops: by accounts, partitions, QOS,
/// reservations, nodes, deny, its time, signed_after, the form of signatures, or `release: mount`.
/// Groups count where
/// `existing` names users beside them, since the key's rule then names the users alone. Errors:
/// Code::denied, saying what would be looser.
Status check_limits_cover(const Binding& existing, const Binding& wanted);

/// Whether `binding` may share its key with `others`, bindings of it (or of keys that replaced each
/// other): under the same signers as each of them, and within the limits of at least one. Errors:
/// Code::denied, with what to do instead.
Status check_siblings(const std::vector<const Binding*>& others, const Binding& binding);

}  // namespace sifguard
