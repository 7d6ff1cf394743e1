// The identity of a keystore for other hosts: `node.pem`, the certificate for which bundles for
// this node are encrypted, and `site.pem`, the certificate with which bundles of this keystore are
// signed. Their private keys are own keys (own_keys.h): "node-" and the first 16 digits of the
// certificate's fingerprint, and the site key. The owner of the keystore, in `sifctl`.
#pragma once

#include <optional>
#include <string>

#include "keystore/crypto/cms.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// PEM; nullopt while there is none. Errors: Code::config.
[[nodiscard]] Result<std::optional<std::string>> node_certificate(const Keystore& keystore);
/// Errors: Code::config, also if there is none.
[[nodiscard]] Result<CertifiedKey> open_node(const Keystore& keystore);
/// Replaces an existing one, whose private key is removed.
Status set_node(const Keystore& keystore, const CertifiedKey& node);

/// Whether the site certificate exists.
[[nodiscard]] Result<bool> has_site_certificate(const Keystore& keystore);
/// Key and certificate are made when they are first needed.
[[nodiscard]] Result<Certificate> site_certificate(const Keystore& keystore);
[[nodiscard]] Result<CertifiedKey> open_site(const Keystore& keystore);

}  // namespace sifguard
