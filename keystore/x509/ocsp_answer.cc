// One OCSP response that has just arrived. Unprivileged; the bytes are hostile.
#include "keystore/x509/ocsp_answer.h"

#include <openssl/err.h>

#include "keystore/base/fd.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/ocsp_responder.h"

namespace sifguard {
namespace {

OCSP_SINGLERESP* single_about(const OCSP_BASICRESP* response, const X509* certificate,
                              const X509* issuer) {
  // OpenSSL finds without changing anything.
  auto* const searched = const_cast<OCSP_BASICRESP*>(response);  // NOLINT(*-const-cast)
  for (const EVP_MD* hash : {EVP_sha256(), EVP_sha1()}) {
    const OcspCertificateId id(OCSP_cert_to_id(hash, certificate, issuer));
    const int at = id ? OCSP_resp_find(searched, id.get(), -1) : -1;
    if (at >= 0) return OCSP_resp_get0(searched, at);
  }
  return nullptr;
}

tl::unexpected<Error> refused(const char* why) {
  ERR_clear_error();
  return fail(Code::refused, why);
}

/// A response taken apart, its signature not looked at.
struct Parsed {
  OcspBasicResponse basic;
  OcspAnswer answer;
};

Result<Parsed> parse(std::string_view der, const X509* certificate, const X509* issuer) {
  const unsigned char* at = octets(as_bytes(der));
  const unsigned char* const end = at + der.size();
  const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response || at != end) return refused("is malformed");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) return refused(OCSP_response_status_str(status));
  Parsed parsed;
  parsed.basic.reset(OCSP_response_get1_basic(response.get()));
  if (!parsed.basic) return refused("is malformed");
  OCSP_SINGLERESP* const single = single_about(parsed.basic.get(), certificate, issuer);
  if (single == nullptr) return refused("is about another certificate");
  int reason = OCSP_REVOKED_STATUS_NOSTATUS;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  const int said = OCSP_single_get0_status(single, &reason, nullptr, &this_update, &next_update);
  const auto from = unix_time(this_update);
  const auto until = unix_time(next_update);
  if (!from || !until || *from >= *until) return refused("does not say until when it is valid");
  parsed.answer.from = *from;
  parsed.answer.until = *until;
  parsed.answer.is_revoked = said == V_OCSP_CERTSTATUS_REVOKED;
  parsed.answer.is_on_hold = parsed.answer.is_revoked && !is_final_revocation(said, reason);
  return parsed;
}

/// That the issuer, or one it delegated, signed it.
Result<OcspAnswer> check_signer(const Parsed& parsed, X509* issuer, const CrlSet& crls,
                                std::int64_t at) {
  if (signed_for(parsed.basic.get(), issuer, crls, at) != 0) return parsed.answer;
  return refused("is not signed by the issuer or a responder of it");
}

}  // namespace

bool is_final_revocation(int status, int reason) noexcept {
  return status == V_OCSP_CERTSTATUS_REVOKED && reason != OCSP_REVOKED_STATUS_CERTIFICATEHOLD &&
         reason != OCSP_REVOKED_STATUS_REMOVEFROMCRL;
}

Result<OcspAnswer> read_ocsp_answer(std::string_view der, X509* certificate, X509* issuer,
                                    const CrlSet& crls, std::int64_t now) {
  SG_TRY(const Parsed parsed, parse(der, certificate, issuer));
  if (parsed.answer.from > now + kClockSkew || parsed.answer.until <= now) {
    return refused("is not fresh");
  }
  return check_signer(parsed, issuer, crls, now);
}

Result<OcspAnswer> read_kept_answer(std::string_view der, X509* certificate, X509* issuer,
                                    const CrlSet& crls, std::int64_t now) {
  SG_TRY(const Parsed parsed, parse(der, certificate, issuer));
  return check_signer(parsed, issuer, crls, parsed.answer.until > now ? now : parsed.answer.from);
}

bool may_replace(const OcspAnswer& fresh, const OcspAnswer& known, std::int64_t now) noexcept {
  const auto is_final = [](const OcspAnswer& one) { return one.is_revoked && !one.is_on_hold; };
  const auto is_ahead = [&](const OcspAnswer& one) { return one.from > now + kClockSkew; };
  if (is_final(known) != is_final(fresh)) return is_final(fresh);
  if (is_ahead(known) != is_ahead(fresh)) return is_ahead(known);
  if (is_final(known)) return fresh.from >= known.from;
  if (fresh.from != known.from) return fresh.from > known.from;
  return fresh.is_revoked || !known.is_revoked;
}

}  // namespace sifguard
