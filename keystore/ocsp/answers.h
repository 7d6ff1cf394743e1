// The answers of an OCSP responder, from the index of the CA. Unprivileged; it holds the keys of
// delegated responders, never the CA's.
//
// An answer is signed by the responder that the certificate's own authority delegated. It says
// good, revoked with time and reason, or unknown for a serial number that this authority never
// issued. If a CA's key was compromised, all certificates that it issued are revoked (RFC 6960
// 2.7). An answer says until when it is valid; "unknown" is valid for five minutes, because the
// CA's index may soon contain the certificate. Answers to requests without a nonce about one known
// certificate are signed once and reused until half of their time is over or the index changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keystore/ca/ca_index.h"
#include "keystore/ca/make_certificate.h"
#include "keystore/ocsp/received_request.h"

namespace sifguard {

struct OcspAuthority {
  std::string name;         ///< as in the index
  Certificate certificate;  ///< of the CA
  Issuer responder;         ///< delegated by it
};

struct OcspReply {
  std::string der;              ///< an OCSPResponse, always
  std::int64_t good_until = 0;  ///< Unix seconds: until when it may be cached; 0: it may not
  std::int64_t made = 0;        ///< its thisUpdate; 0 if it may not be cached
};

class OcspAnswers {
 public:
  /// `validity`: seconds from an answer to its nextUpdate.
  OcspAnswers(std::vector<OcspAuthority> authorities, std::int64_t validity);

  /// Sets the index for answers from now on; before the first call the answer is "try later". After
  /// an error nothing is answered any more. Errors: Code::temporary when a responder's own
  /// certificate is revoked in the index. Such a certificate says that clients must not check its
  /// revocation, so the responder itself must end.
  Status use(const CaIndex& index);
  /// Errors become responses of their own ("malformedRequest", "unauthorized", …).
  [[nodiscard]] OcspReply answer(std::string_view request, std::int64_t now);

 private:
  struct Known {
    std::string issuer;
    std::int64_t revoked_at;
    int reason;
  };
  struct Place {  ///< one authority, as identified by one hash algorithm
    OcspCertificateId id;
    const OcspAuthority* authority;
  };
  [[nodiscard]] Status check_responders(const CaIndex& index) const;
  [[nodiscard]] const OcspAuthority* authority_of(const std::vector<OCSP_CERTID*>& ids) const;
  [[nodiscard]] const Known* find(OCSP_CERTID* id, const OcspAuthority& authority) const;
  [[nodiscard]] OcspReply sign(const OcspRequest& request, const OcspAuthority& authority,
                               std::int64_t now) const;

  std::vector<OcspAuthority> authorities_;
  std::vector<Place> places_;
  std::int64_t validity_;
  bool ready_ = false;
  std::unordered_map<std::string, Known> known_;       ///< by serial
  std::unordered_map<std::string, OcspReply> signed_;  ///< by DER CertID
};

}  // namespace sifguard
