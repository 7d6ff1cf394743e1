// Available OCSP responses, and what they say about a certificate. Any privilege.
#include "keystore/x509/ocsp_check.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/ocsp_answer.h"
#include "keystore/x509/ocsp_responder.h"

namespace sifguard {
namespace {

using State = RevocationFinding::State;

/// The ids under which responses may know one certificate.
struct Ids {
  std::array<OcspCertificateId, 2> all;

  Ids(const X509* certificate, const X509* issuer)
      : all{OcspCertificateId(OCSP_cert_to_id(EVP_sha256(), certificate, issuer)),
            OcspCertificateId(OCSP_cert_to_id(EVP_sha1(), certificate, issuer))} {}
  [[nodiscard]] bool has(const OCSP_CERTID* id) const {
    return std::any_of(all.begin(), all.end(), [&](const OcspCertificateId& own) {
      return own && OCSP_id_cmp(own.get(), id) == 0;
    });
  }
};

struct Answer {
  int status = V_OCSP_CERTSTATUS_UNKNOWN;
  bool is_final = false;   ///< revoked, and for good
  std::int64_t from = 0;   ///< 0 when it does not say
  std::int64_t until = 0;  ///< 0: `why` it does not count
  std::string why;
};

Answer answer_of(OCSP_SINGLERESP* single, std::int64_t now) {
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  Answer answer;
  int reason = OCSP_REVOKED_STATUS_NOSTATUS;
  answer.status = OCSP_single_get0_status(single, &reason, nullptr, &this_update, &next_update);
  answer.is_final = is_final_revocation(answer.status, reason);
  const auto from = unix_time(this_update);
  const auto until = unix_time(next_update);
  answer.from = from.value_or(0);
  if (OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) >= 0) {
    answer.why = "has an unknown critical extension";
  } else if (!from || !until) {
    answer.why = "does not say until when it is valid";
  } else if (*from > now + kClockSkew || *from >= *until) {
    answer.why = "is dated in the future";
  } else if (*until <= now) {
    answer.why = "ended at " + format_utc(*until);
  } else {
    answer.until = *until;
  }
  return answer;
}

OcspBasicResponse basic_response_from(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  OcspBasicResponse basic;
  if (response && at == octets(der) + der.size() &&
      OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    basic.reset(OCSP_response_get1_basic(response.get()));
  }
  if (basic && OCSP_BASICRESP_get_ext_by_critical(basic.get(), 1, -1) >= 0) basic.reset();
  ERR_clear_error();
  return basic;
}

}  // namespace

OcspSet OcspSet::parse(const std::vector<std::string>& responses) {
  OcspSet set;
  for (const std::string& response : responses) {
    if (OcspBasicResponse basic = basic_response_from(as_bytes(response))) {
      set.responses_.push_back(std::move(basic));
    } else {
      ++set.unusable_;
    }
  }
  return set;
}

RevocationFinding OcspSet::find(X509* certificate, X509* issuer, const CrlSet& crls,
                                std::int64_t now) const {
  const Ids ids(certificate, issuer);
  const std::string name = shown_name(X509_get_subject_name(issuer));
  RevocationFinding finding;
  finding.note = "has no OCSP response";
  if (unusable_ > 0) finding.note += " (one given is malformed or unsuccessful)";
  if (!responses_.empty()) finding.note += ": what was given is about other certificates";
  for (const OcspBasicResponse& response : responses_) {
    for (int i = 0; i < OCSP_resp_count(response.get()); ++i) {
      OCSP_SINGLERESP* const single = OCSP_resp_get0(response.get(), i);
      if (!ids.has(OCSP_SINGLERESP_get0_id(single))) continue;
      const Answer answer = answer_of(single, now);
      // Who signed a revocation could do so then.
      const std::int64_t at = answer.from == 0 ? now : std::min(answer.from, now);
      if (answer.is_final && signed_for(response.get(), issuer, crls, at) != 0) {
        return {State::revoked, 0, "is revoked by an OCSP response for " + name};
      }
      if (answer.until == 0) {
        finding.note = "has no fresh OCSP response: the one given " + answer.why;
        continue;
      }
      const std::int64_t signed_until = signed_for(response.get(), issuer, crls, now);
      if (signed_until == 0) {
        finding.note = "has no OCSP response by its issuer " + name + " or a responder of it";
      } else if (answer.status == V_OCSP_CERTSTATUS_REVOKED) {
        return {State::revoked, 0, "is revoked by an OCSP response for " + name};
      } else if (answer.status != V_OCSP_CERTSTATUS_GOOD) {
        finding.note = "is unknown to the OCSP responder of " + name;
      } else {
        finding.state = State::good;
        finding.valid_until = std::max(finding.valid_until, std::min(answer.until, signed_until));
      }
    }
  }
  if (finding.state == State::good) finding.note.clear();
  ERR_clear_error();
  return finding;
}

}  // namespace sifguard
