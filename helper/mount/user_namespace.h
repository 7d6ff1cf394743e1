// A user namespace that holds a mapping of ids and has no process in it. Root.
#pragma once

#include <sys/types.h>

#include "keystore/base/fd.h"

namespace sifguard {

/// The namespace maps id 0 to (uid, gid), and no other id. Errors: Code::config where the node has
/// no user namespaces, Code::internal.
[[nodiscard]] Result<UniqueFd> user_namespace_of(uid_t uid, gid_t gid);

}  // namespace sifguard
