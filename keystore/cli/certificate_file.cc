// Certificates that an admin carries from one host to another. Runs with the rights of the admin.
#include "keystore/cli/certificate_file.h"

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/cli/ca_output.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/cms.h"
#include "keystore/crypto/openssl.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {

Result<Certificate> read_certificate_file(const std::string& path) {
  SG_TRY(std::string raw, read_input_text(path, kMaxKeyFile));
  const std::string text = plain_text(std::move(raw));
  auto all = parse_certificates(text);
  if (!all) {
    Error error = name_file_kind(std::move(all).error(), text, WantedFile::certificate);
    return tl::unexpected(std::move(error).prepend(path));
  }
  if (all->size() == 1) return std::move(all->front());
  return fail(Code::refused, path + " holds more than one certificate", "give one");
}

Status write_certificate_file(const Session& session, const std::string& path,
                              const std::string& pem) {
  if (path.empty()) return {};
  return write_output(session, path, pem, false);
}

Result<CertificateView> view_certificate(const std::string& pem) {
  SG_TRY(const auto all, parse_certificates(pem));
  const X509& certificate = *all.front();
  const EVP_PKEY* const key = X509_get0_pubkey(&certificate);
  CertificateView view;
  SG_TRY(view.fingerprint, certificate_fingerprint(certificate));
  view.subject = shown_name(X509_get_subject_name(&certificate));
  if (key != nullptr) {
    view.key = std::string(EVP_PKEY_is_a(key, "RSA") == 1 ? "RSA " : "EC ") +
               std::to_string(EVP_PKEY_get_bits(key));
  }
  return view;
}

}  // namespace sifguard
