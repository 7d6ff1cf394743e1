// Asking an OCSP responder about a signer's certificate and the CAs above it. The user's tool or an
// unprivileged fetcher.
#include "helper/fetch/ocsp_fetch.h"

#include "keystore/x509/certificate_path.h"
#include "keystore/x509/ocsp_request.h"

namespace sifguard {
namespace {

Result<Chain> chain_of(const OcspSubject& subject) {
  SG_TRY(const TrustAnchors anchors, TrustAnchors::parse(subject.roots, subject.intermediates));
  SG_TRY(const Certificate certificate, parse_one_certificate(subject.certificate));
  SG_TRY(Chain chain, anchors.chain_of(certificate.get(), subject.now));
  if (chain.status != CertificateStatus::good) {
    return fail(Code::refused, "the certificate " + chain.note);
  }
  return chain;
}

}  // namespace

Result<std::vector<std::string>> fetch_ocsp(const std::string& url, const OcspSubject& subject,
                                            const HttpLimits& limits) {
  SG_TRY(const Chain chain, chain_of(subject));
  std::vector<std::string> responses;
  for (std::size_t i = 0; i + 1 < chain.certificates.size(); ++i) {
    for (const OcspIdHash hash : {OcspIdHash::sha256, OcspIdHash::sha1}) {
      SG_TRY(const OcspQuestion question,
             ask_about(chain.certificates[i].get(), chain.certificates[i + 1].get(), hash));
      auto response = http_post(url, "application/ocsp-request", question.request, limits);
      // What was answered so far may do, with CRLs; asking on would only take longer.
      if (!response && !responses.empty()) return responses;
      if (!response) return tl::unexpected(std::move(response).error());
      responses.push_back(*std::move(response));
      if (seems_to_answer(responses.back(), question)) break;
    }
  }
  return responses;
}

}  // namespace sifguard
