// Whether a certificate is revoked, from CRLs and OCSP responses at hand. Any privilege.
#include "keystore/x509/revocation.h"

namespace sifguard {

RevocationFinding check_revocation(X509* certificate, X509* issuer, Revocation mode,
                                   const CrlSet& crls, const OcspSet& ocsp, std::int64_t now) {
  if (mode == Revocation::off) return {RevocationFinding::State::good, kForever, {}};
  RevocationFinding listed = crls.find(certificate, issuer, now);
  RevocationFinding answered = ocsp.find(certificate, issuer, crls, now);
  if (answered.state == RevocationFinding::State::revoked) return answered;
  if (listed.state == RevocationFinding::State::revoked) return listed;
  if (mode == Revocation::crl) return listed;
  if (mode == Revocation::ocsp || answered.state == RevocationFinding::State::good) return answered;
  if (listed.state == RevocationFinding::State::good) return listed;
  listed.note = answered.note + "; " + listed.note;
  return listed;
}

}  // namespace sifguard
