// sifctl audit verify: the chains of audit logs. Any privilege that may read them.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/session.h"

namespace sifguard {

/// Answers whether the logs in `files`, in the order of their chain, are whole. Files of several
/// nodes are a chain for each node. `has_head`: they are a host's own log, whose head must be
/// there.
Status verify_logs(Session& session, const std::vector<std::string>& files, bool has_head);

}  // namespace sifguard
