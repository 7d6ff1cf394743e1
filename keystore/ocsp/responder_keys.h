// The keys of an OCSP responder: one for each authority of the CA, which delegated it. Runs as the
// owner of the keystore, before the responder gives up its rights.
#pragma once

#include "keystore/ca/authority.h"
#include "keystore/ocsp/answers.h"

namespace sifguard {

/// Those in the keystore; a responder whose certificate is missing, revoked, or has lived half of
/// its time, gets a new one and a new key first. Errors: Code::config without a CA.
[[nodiscard]] Result<std::vector<OcspAuthority>> load_responders(const Keystore& keystore,
                                                                 std::int64_t now);

}  // namespace sifguard
