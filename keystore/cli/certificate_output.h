// The file of a certificate that the CA issues. Runs with the rights of the admin of the CA's host.
#pragma once

#include <optional>
#include <string>

#include "keystore/cli/output_file.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Written before the CA records anything: a full disk leaves no record of what nobody has. Nothing
/// is written for "-".
class CertificateFile {
 public:
  CertificateFile(std::string path, bool force) : path_(std::move(path)), force_(force) {}

  /// Errors of both: those of OutputFile.
  Status stage(const std::string& pem);
  Status publish();

 private:
  std::string path_;
  bool force_;
  std::optional<OutputFile> file_;
};

/// Code::exists when `path` exists. It may be what the same command wrote before: of a certificate
/// that this CA issued the error says which. Also the errors of check_not_done().
[[nodiscard]] Status check_none_yet(const Keystore& keystore, const std::string& path,
                                    const std::string& superseded = {});

/// Code::exists when `path` holds a certificate that renews the revoked one `superseded`, a serial
/// number; "" is none.
[[nodiscard]] Status check_not_done(const Keystore& keystore, const std::string& path,
                                    const std::string& superseded);

}  // namespace sifguard
