// OCSP requests as a responder reads them. Unprivileged; the bytes are hostile.
#include "keystore/ocsp/received_request.h"

#include <openssl/err.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr int kMaxNonce = 128;

tl::unexpected<Error> refused(const char* why) {
  ERR_clear_error();
  return fail(Code::refused, std::string("the OCSP request ") + why);
}

/// Whether the nonce is the OCTET STRING of a usable length that it should be.
bool is_nonce(X509_EXTENSION* extension) {
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(extension);
  const unsigned char* at = ASN1_STRING_get0_data(value);
  const unsigned char* const end = at + ASN1_STRING_length(value);
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> nonce(
      d2i_ASN1_OCTET_STRING(nullptr, &at, end - at));
  ERR_clear_error();
  const int size = nonce ? ASN1_STRING_length(nonce.get()) : 0;
  return nonce && at == end && size >= 1 && size <= kMaxNonce;
}

Status check_extensions(OcspRequest& request) {
  OCSP_REQUEST* const handle = request.handle.get();
  for (int i = 0; i < OCSP_REQUEST_get_ext_count(handle); ++i) {
    X509_EXTENSION* const extension = OCSP_REQUEST_get_ext(handle, i);
    const bool nonce = OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_id_pkix_OCSP_Nonce;
    if (nonce && (request.has_nonce || !is_nonce(extension))) return refused("has a bad nonce");
    if (!nonce && X509_EXTENSION_get_critical(extension) == 1) {
      return refused("has an unknown critical extension");
    }
    request.has_nonce = request.has_nonce || nonce;
  }
  return {};
}

}  // namespace

Result<OcspRequest> parse_ocsp_request(std::string_view der) {
  if (der.size() > kMaxOcspRequest) return refused("is too large");
  const unsigned char* at = octets(as_bytes(der));
  OcspRequest request;
  request.handle.reset(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(der.size())));
  if (!request.handle || at != octets(as_bytes(der)) + der.size()) return refused("is malformed");
  SG_CHECK(check_extensions(request));
  const int count = OCSP_request_onereq_count(request.handle.get());
  if (count < 1 || count > kMaxAsked) return refused("asks about none or too many");
  for (int i = 0; i < count; ++i) {
    OCSP_ONEREQ* const one = OCSP_request_onereq_get0(request.handle.get(), i);
    if (OCSP_ONEREQ_get_ext_by_critical(one, 1, -1) >= 0) {
      return refused("has an unknown critical extension");
    }
    request.ids.push_back(OCSP_onereq_get0_id(one));
  }
  return request;
}

}  // namespace sifguard
