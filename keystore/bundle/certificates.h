// The signers whose bundles a keystore accepts: bundle-signers/SHA256.pem. The owner of the
// keystore, in `sifctl`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/crypto/rsa.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// The one certificate in a file. Errors: Code::config, "where: …".
[[nodiscard]] Result<Certificate> only_certificate(std::string_view pem, const std::string& where);

struct TrustedSigner {
  std::string fingerprint;  ///< SHA-256 of the DER certificate
  Certificate certificate;
};
/// Errors: Code::config.
[[nodiscard]] Result<std::vector<TrustedSigner>> trusted_signers(const Keystore& keystore);
/// False if it was already trusted.
[[nodiscard]] Result<bool> trust_signer(const Keystore& keystore, const X509& certificate);
/// Errors: Code::usage for one that is not trusted.
Status distrust_signer(const Keystore& keystore, const std::string& fingerprint);

}  // namespace sifguard
