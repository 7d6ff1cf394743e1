// Answers everything that `sifguard-pki` is asked: first the certificates, then the signatures by
// their keys and by raw keys. Runs in its sandbox.
#pragma once

#include "helper/verify/wire/pki_wire.h"

namespace sifguard {

/// Errors: Code::config for a public key, root or intermediate that is malformed, weak or of an
/// unsupported type. A bad certificate, signature, CRL or OCSP response is a verdict.
[[nodiscard]] Result<PkiAnswer> check_pki(const PkiRequest& request);

}  // namespace sifguard
