// The keys of an OCSP responder: one for each authority of the CA, which delegated it. Runs as the
// owner of the keystore, before the responder gives up its rights.
#pragma once

#include "keystore/ocsp/answers.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Loads those in the keystore; it issues none (see ca/responder.h). Errors: Code::config without a
/// CA, and if one is missing, was revoked or has expired.
[[nodiscard]] Result<std::vector<OcspAuthority>> load_responders(const Keystore& keystore,
                                                                 std::int64_t now);

}  // namespace sifguard
