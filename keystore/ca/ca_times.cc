// When a CA last did something, according to its records. The owner of the keystore, in `sifctl`.
#include "keystore/ca/ca_times.h"

#include "keystore/ca/authority.h"
#include "keystore/ca/authority_certificate.h"
#include "keystore/x509/asn1_time.h"

namespace sifguard {

Result<std::vector<RecordedTime>> ca_times(const Keystore& keystore) {
  constexpr const char* kUsed = "the CA was used last";
  SG_TRY(const CaIndex index, ca_index(keystore));
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const Certificate root, authority_certificate(keystore, kRootAuthority));
  std::vector<RecordedTime> times;
  times.push_back({kUsed, unix_time(X509_get0_notBefore(root.get())).value_or(0), false});
  for (const IssuedCertificate& one : index.issued) times.push_back({kUsed, one.from, false});
  for (const auto& [authority, list] : index.crls) {
    times.push_back(
        {"the last revocation list of the " + authority + " CA was made", list.made, true});
  }
  return times;
}

}  // namespace sifguard
