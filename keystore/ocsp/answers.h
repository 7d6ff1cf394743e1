// What an OCSP responder answers, from the index of the CA. Unprivileged; holds the keys of
// delegated responders, never the CA's.
//
// An answer is signed by the responder that the certificate's own authority delegated: good,
// revoked with time and reason, or unknown for a serial number that this authority never gave out.
// Of a CA whose key was compromised all that it issued is revoked (RFC 6960 2.7). An answer says
// until when it holds: five minutes for "unknown", which a certificate is until its CA's index says
// otherwise. Answers to requests without a nonce about one known certificate are signed once and
// given out again until half of their time is over or the index changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keystore/ca/ca_index.h"
#include "keystore/ca/make_certificate.h"
#include "keystore/ocsp/ocsp_request.h"

namespace sifguard {

struct OcspAuthority {
  std::string name;         ///< as in the index
  Certificate certificate;  ///< of the CA
  Issuer responder;         ///< delegated by it
};

struct OcspReply {
  std::string der;              ///< an OCSPResponse, always
  std::int64_t good_until = 0;  ///< Unix seconds: how long it may be kept; 0 not at all
  std::int64_t made = 0;        ///< its thisUpdate; 0 if it may not be kept
};

class OcspAnswers {
 public:
  /// `validity`: seconds from an answer to its nextUpdate.
  OcspAnswers(std::vector<OcspAuthority> authorities, std::int64_t validity);

  /// What is answered from now on; until the first time, "try later". Errors, after which nothing
  /// is answered any more: Code::temporary when a responder's own certificate is revoked in it. It
  /// says that nobody is to ask about it, so that the responder has to end by itself.
  Status use(const CaIndex& index);
  /// Errors become responses of their own ("malformedRequest", "unauthorized", …).
  [[nodiscard]] OcspReply answer(std::string_view request, std::int64_t now);

 private:
  struct Known {
    std::string issuer;
    std::int64_t revoked_at;
    int reason;
  };
  struct Place {  ///< one authority as one hash names it
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
