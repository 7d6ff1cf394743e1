// Whether this host's clock can be believed, by what the CA has recorded. The owner of the
// keystore, in `sifctl`.
#include "keystore/ca/clock_check.h"

#include <algorithm>

#include "keystore/ca/authority.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {
namespace {

/// The last of all times that are not after `now`: later ones are of another clock. A revocation
/// vouches for none: what closes does not wait for a clock that is right.
Result<std::int64_t> last_event(const Keystore& keystore, const CaIndex& index, std::int64_t now) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const Certificate root, parse_one_certificate(own.root));
  std::int64_t last = unix_time(X509_get0_notBefore(root.get())).value_or(0);
  const auto take = [&](std::int64_t at) {
    if (at <= now) last = std::max(last, at);
  };
  for (const auto& [authority, list] : index.crls) take(list.made);
  for (const IssuedCertificate& one : index.issued) take(one.from);
  return last;
}

}  // namespace

Status check_ca_clock(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const CaIndex index, ca_index(keystore));
  for (const auto& [authority, list] : index.crls) {
    if (list.made > now + kClockSkew) {
      return tl::unexpected(clock_doubt(
          now, "the last revocation list of the " + authority + " CA was made", list.made));
    }
  }
  SG_TRY(const std::int64_t last, last_event(keystore, index, now));
  return check_clock(now, "the CA was used last", last);
}

}  // namespace sifguard
