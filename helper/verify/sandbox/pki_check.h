// All that `sifguard-pki` is asked: certificates first, then signatures by their keys and the raw
// ones. Runs in its sandbox.
#pragma once

#include "helper/verify/wire/pki_wire.h"

namespace sifguard {

/// Errors: Code::config for a public key, root or intermediate given that is malformed, weak or of
/// a sort not taken. A certificate, signature, CRL or OCSP response that is bad is a verdict.
[[nodiscard]] Result<PkiAnswer> check_pki(const PkiRequest& request);

}  // namespace sifguard
