// The certificate of a signer, as sif-sign takes it: of the key that signs, so that nobody signs
// what its certificate does not allow; or, with --migrate, of the key whose signature by the PKI
// scripts is replaced by one in the standard form, if it is good. The user's rights.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "helper/tools/pki_legacy.h"

namespace sifguard {

struct CertificateOptions {
  bool migrate = false;
  std::string certificate, ca, intermediates, crl;  ///< files
};

void offer_certificate(CLI::App& app, CertificateOptions& options);
/// Errors: Code::usage for options that contradict each other.
Status check_certificate_options(const CertificateOptions& options);

struct CertifiedSigner {
  SignerKey key;
  /// What bindings may call it: its subject, or where it has none, an alternative name
  /// (policy/signer_id.h).
  std::string policy_name;
};
/// Of a certificate that was found good now: usage and validity, and with --ca its chain, and the
/// revocation list if one is given. Errors: Code::refused, Code::no_input.
[[nodiscard]] Result<CertifiedSigner> certified_signer(const CertificateOptions& options);

}  // namespace sifguard
