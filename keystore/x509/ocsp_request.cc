// Asking an OCSP responder about one certificate. Any privilege.
#include "keystore/x509/ocsp_request.h"

namespace sifguard {
namespace {

using OcspRequest = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;

/// The DER that one of OpenSSL's i2d functions makes of an object; "" when it fails.
template <typename T>
std::string encoded(int (*encode)(const T*, unsigned char**), const T* object) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

Result<OcspQuestion> ask_about(const X509* certificate, const X509* issuer, OcspIdHash hash) {
  const EVP_MD* const method = hash == OcspIdHash::sha256 ? EVP_sha256() : EVP_sha1();
  OcspCertificateId id(OCSP_cert_to_id(method, certificate, issuer));
  const OcspRequest request(OCSP_REQUEST_new());
  if (!id || !request) return fail_openssl(Code::internal, "cannot name a certificate for OCSP");
  OcspQuestion question;
  question.certificate_id = encoded(i2d_OCSP_CERTID, id.get());
  if (OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
    return fail_openssl(Code::internal, "cannot make an OCSP request");
  }
  (void)id.release();  // the request's now
  question.request = encoded(i2d_OCSP_REQUEST, request.get());
  if (question.request.empty() || question.certificate_id.empty()) {
    return fail_openssl(Code::internal, "cannot encode an OCSP request");
  }
  return question;
}

bool seems_to_answer(std::string_view response, const OcspQuestion& question) {
  const std::size_t at = response.find(question.certificate_id);
  if (at == std::string_view::npos) return false;
  const std::string_view status = response.substr(at + question.certificate_id.size());
  // RFC 6960 4.2.1: good is [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL.
  return status.starts_with('\x80') || status.starts_with('\xa1');
}

}  // namespace sifguard
