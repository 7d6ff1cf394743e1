// A set of OCSP responses (RFC 6960), and what they say about a certificate. Any privilege; the
// responses are hostile, the issuer's certificate is verified.
//
// An answer counts if its certificate id (SHA-1 or SHA-256) names the certificate's own issuer and
// serial number, it is fresh (as for a CRL; nextUpdate is required), and the response is signed by
// the issuer itself or by a responder. A responder's certificate must be in the response, be signed
// by the issuer itself, have the extended key usage OCSPSigning, be valid now and not known to be
// revoked. Unknown critical extensions make it invalid. Nonces only concern the fetcher; a response
// is judged by its times. An answer "revoked", except for certificateHold, counts however old it is
// (ocsp_answer.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/x509/crl_check.h"

namespace sifguard {

class OcspSet {
 public:
  /// DER OCSPResponse each. Responses that are malformed or unsuccessful are left out and counted.
  [[nodiscard]] static OcspSet parse(const std::vector<std::string>& responses);

  /// What the responses say about `certificate`, issued by `issuer`, at `now`, Unix seconds.
  /// If a fresh CRL in `crls` revokes a responder, its answers do not count.
  [[nodiscard]] RevocationFinding find(X509* certificate, X509* issuer, const CrlSet& crls,
                                       std::int64_t now) const;

 private:
  std::vector<OcspBasicResponse> responses_;
  std::size_t unusable_ = 0;
};

}  // namespace sifguard
