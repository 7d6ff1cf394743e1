// How `sifctl ca` shows certificates, and reads the one that the admin names. Runs with the rights
// of the admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/ca/authority.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// A certificate that expires within so many days is shown as expiring.
inline constexpr int kExpiringDays = 30;

/// What a certificate's state depends on besides the certificate.
struct JudgedBy {
  int expiring_days = kExpiringDays;
  bool intermediate_good = true;  ///< CaIndex::is_intermediate_good()
};
/// Its state now: "valid", "issuer revoked", ….
[[nodiscard]] std::string shown_state(const IssuedCertificate& one, const JudgedBy& by);

/// For --json alone.
void answer_certificate(const Session& session, const IssuedCertificate& one,
                        const JudgedBy& by = {});
void show_certificate(const Session& session, const IssuedCertificate& one,
                      const JudgedBy& by = {});
void list_certificates(const Session& session, const std::vector<IssuedCertificate>& all,
                       const JudgedBy& by = {});

/// The CA's certificates, for --json.
void answer_ca(const Session& session, const Keystore& keystore);

/// Prints notes about certificates that interrupted commands recorded but did not deliver; see
/// ca/certificate_handover.h.
void tell_handovers(const Session& session, const Keystore& keystore);

/// The content of the file `text` if it exists, else `text`, which is a serial number. Errors:
/// Code::no_input.
[[nodiscard]] Result<std::string> certificate_argument(const std::string& text);

/// Writes a file; "-" is the standard output. With --dry-run it only checks whether it could.
/// Errors: those of OutputFile.
Status write_output(const Session& session, const std::string& path, std::string_view content,
                    bool force);

}  // namespace sifguard
