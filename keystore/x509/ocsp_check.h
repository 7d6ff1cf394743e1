// OCSP responses (RFC 6960) at hand, and what they say about a certificate. Any privilege; the
// responses are hostile, the issuer's certificate is verified.
//
// An answer counts when its certificate id (SHA-1 or SHA-256) names the certificate's own issuer
// and serial number, it is fresh (as a CRL: nextUpdate is required), and the response is signed by
// the issuer itself or by a responder whose certificate in the response the issuer itself signed,
// with extended key usage OCSPSigning, valid now and not known to be revoked. Unknown critical
// extensions void it. Nonces are the fetcher's matter: a response is judged by its times. An answer
// that says "revoked", but for certificateHold, counts however old it is (ocsp_answer.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/x509/crl_check.h"

namespace sifguard {

class OcspSet {
 public:
  /// DER OCSPResponse each. What is malformed or not successful is left out, and remembered.
  [[nodiscard]] static OcspSet parse(const std::vector<std::string>& responses);

  /// What the responses say about `certificate`, issued by `issuer`, at `now`, Unix seconds.
  /// A fresh CRL in `crls` that revokes a responder voids what it signed.
  [[nodiscard]] RevocationFinding find(X509* certificate, X509* issuer, const CrlSet& crls,
                                       std::int64_t now) const;

 private:
  std::vector<OcspBasicResponse> responses_;
  std::size_t unusable_ = 0;
};

}  // namespace sifguard
