// Fetching what shows that the certificates of signers are not revoked. Unprivileged; servers are
// hostile.
//
// What is handed on has been checked as far as it can be here: a list is signed by a CA that the
// keystore knows, an answer by a responder that may answer for the issuer, both are fresh, and
// neither undoes a revocation that the keystore, or another source, knows of. It is checked again
// at every launch.
#pragma once

#include <vector>

#include "keystore/base/error.h"
#include "keystore/x509/fetched_item.h"

namespace sifguard {

/// `wanted` and what is returned: see fetched_item.h. Every source that fails is an error item of
/// its own. Errors: Code::refused, Code::config for trust anchors that cannot be used.
[[nodiscard]] Result<std::vector<FetchedItem>> fetch_trust(const std::vector<FetchedItem>& wanted,
                                                           std::int64_t now);

}  // namespace sifguard
