// The certificate of an authority of the keystore's CA. The owner of the keystore, on the CA's
// host.
#pragma once

#include <string>

#include "keystore/store/authority_store.h"
#include "keystore/x509/handles.h"

namespace sifguard {

/// `name`: as in read_authority_certificate(). Errors: those of it; Code::config, the CA is
/// damaged, where what is there is no certificate.
[[nodiscard]] Result<Certificate> authority_certificate(const Keystore& keystore,
                                                        const std::string& name);

}  // namespace sifguard
