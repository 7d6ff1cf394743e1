// A user namespace that stands for a mapping of ids, with nobody in it. Root.
#pragma once

#include <sys/types.h>

#include "keystore/base/fd.h"

namespace sifguard {

/// In which 0 is (uid, gid) and no other id is anybody. Errors: Code::config where the node gives
/// no user namespaces, Code::internal.
[[nodiscard]] Result<UniqueFd> user_namespace_of(uid_t uid, gid_t gid);

}  // namespace sifguard
