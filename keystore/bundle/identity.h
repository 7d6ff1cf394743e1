// Who a keystore is to others: `node.pem`, the certificate that bundles for this node are encrypted
// for, and `site.pem`, the one that bundles made here are signed by. Their private keys are own
// keys (own_keys.h): "node-" and the first 16 digits of the certificate's fingerprint, and the site
// key. The owner of the keystore, in `sifctl`.
#pragma once

#include <optional>
#include <string>

#include "keystore/crypto/cms.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// PEM; nullopt while there is none. Errors: Code::config.
[[nodiscard]] Result<std::optional<std::string>> node_certificate(const Keystore& keystore);
/// Errors: Code::config, also where there is none.
[[nodiscard]] Result<CertifiedKey> open_node(const Keystore& keystore);
/// In place of the one that there may be, whose private key is removed.
Status set_node(const Keystore& keystore, const CertifiedKey& node);

/// Whether site_certificate() has nothing to make.
[[nodiscard]] Result<bool> has_site_certificate(const Keystore& keystore);
/// Key and certificate are made when they are first asked for.
[[nodiscard]] Result<Certificate> site_certificate(const Keystore& keystore);
[[nodiscard]] Result<CertifiedKey> open_site(const Keystore& keystore);

}  // namespace sifguard
