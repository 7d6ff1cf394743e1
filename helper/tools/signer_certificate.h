// The certificate of a signer, as an option of sif-sign. It is that of the signing key, so that
// nobody signs with a certificate that does not allow it; or, with --migrate, that of the key whose
// signature by the older PKI scripts is replaced, if good, by one in the standard form. The user's
// rights.
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
  /// The id by which bindings may name it: its subject or, if that is empty, an alternative name
  /// (policy/signer_id.h).
  std::string policy_name;
};
/// The signer of the certificate, which was checked now: usage and validity, with --ca its chain,
/// and the revocation list if one is given. Errors: Code::refused, Code::no_input.
[[nodiscard]] Result<CertifiedSigner> certified_signer(const CertificateOptions& options);

}  // namespace sifguard
