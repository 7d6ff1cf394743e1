// How `sifctl ca` shows certificates, and reads the one that is meant. Runs with the rights of the
// admin.
#pragma once

#include <string>
#include <vector>

#include "keystore/ca/authority.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// Within so many days of its end a certificate is shown as expiring.
inline constexpr int kExpiringDays = 30;

/// By what a certificate's state is judged, besides itself.
struct JudgedBy {
  int expiring_days = kExpiringDays;
  bool intermediate_good = true;  ///< CaIndex::is_intermediate_good()
};
/// "valid", "issuer revoked", …; now.
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

/// Notes what interrupted commands left recorded and undelivered; see ca/certificate_handover.h.
void tell_handovers(const Session& session, const Keystore& keystore);

/// A file's content if there is such a file, else the text: a serial number. Errors:
/// Code::no_input.
[[nodiscard]] Result<std::string> certificate_argument(const std::string& text);

/// Puts a file in place; "-" is the standard output. With --dry-run nothing but whether it could.
/// Errors: those of OutputFile.
Status write_output(const Session& session, const std::string& path, std::string_view content,
                    bool force);

}  // namespace sifguard
