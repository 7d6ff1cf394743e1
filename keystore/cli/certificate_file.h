// Certificates that an admin carries from one host to another. Runs with the rights of the admin.
#pragma once

#include <string>

#include "keystore/cli/session.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

/// The one certificate in the file, PEM or DER. Errors: Code::no_input, Code::refused.
[[nodiscard]] Result<Certificate> read_certificate_file(const std::string& path);
/// Writes the certificate to `path`: empty for nowhere, "-" for stdout. With --dry-run it only
/// checks whether it could. Errors: Code::usage for a file that exists.
Status write_certificate_file(const Session& session, const std::string& path,
                              const std::string& pem);

struct CertificateView {
  std::string fingerprint, subject, key;  ///< key: "EC 256"
};
[[nodiscard]] Result<CertificateView> view_certificate(const std::string& pem);

}  // namespace sifguard
