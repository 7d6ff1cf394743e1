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

}  // namespace

Result<OcspAnswer> read_ocsp_answer(std::string_view der, X509* certificate, X509* issuer,
                                    const CrlSet& crls, std::int64_t now) {
  const unsigned char* at = octets(as_bytes(der));
  const unsigned char* const end = at + der.size();
  const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response || at != end) return refused("is malformed");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) return refused(OCSP_response_status_str(status));
  const OcspBasicResponse basic(OCSP_response_get1_basic(response.get()));
  if (!basic) return refused("is malformed");
  OCSP_SINGLERESP* const single = single_about(basic.get(), certificate, issuer);
  if (single == nullptr) return refused("is about another certificate");
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  OCSP_single_get0_status(single, nullptr, nullptr, &this_update, &next_update);
  const auto from = unix_time(this_update);
  const auto until = unix_time(next_update);
  if (!from || !until) return refused("says not until when it holds");
  if (*from > now + kClockSkew || *until <= now || *from >= *until) return refused("is not fresh");
  if (signed_for(basic.get(), issuer, crls, now) == 0) {
    return refused("is not signed by the issuer or a responder of it");
  }
  return OcspAnswer{*from, *until};
}

}  // namespace sifguard
