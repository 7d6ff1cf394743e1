// Fetching the revocation lists and OCSP responses that show whether signers' certificates are
// revoked. Unprivileged; servers are hostile.
//
// What is returned has been checked as far as is possible here: a list is signed by a CA that the
// keystore knows, a response by a responder that may answer for the issuer; both are fresh; and
// neither undoes a revocation that the keystore or another source knows of. Every launch checks it
// again.
#pragma once

#include <vector>

#include "keystore/base/error.h"
#include "keystore/x509/fetched_item.h"

namespace sifguard {

/// For `wanted` and the result see fetched_item.h. Every source that fails gives an error item of
/// its own. Errors: Code::refused, Code::config for trust anchors that cannot be used.
[[nodiscard]] Result<std::vector<FetchedItem>> fetch_trust(const std::vector<FetchedItem>& wanted,
                                                           std::int64_t now);

}  // namespace sifguard
