// The store key opens, and with it every private half. The rights of the admin; a private half is
// decrypted and forgotten.
#include "keystore/doctor/checks.h"

namespace sifguard {

void check_store_key(const Examined& examined, Findings& findings) {
  if (!examined.keystore) return;
  const std::string& directory = examined.plan.directory;
  const auto damaged = examined.keystore->check_private_halves();
  if (!damaged) {
    findings.add(Severity::problem, directory, damaged.error(),
                 "restore the store key, or the keystore from a backup");
    return;
  }
  for (const auto& [where, error] : *damaged) {
    findings.add(Severity::problem, directory + "/" + where, error,
                 "restore the key from a backup, or import it again");
  }
}

}  // namespace sifguard
