// The certificate of a signer, as sif-sign reads it. The user's rights.
#include "helper/tools/signer_certificate.h"

#include <time.h>

#include <CLI/CLI.hpp>

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/policy/signer_id.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_check.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/usage.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPem = 256UL * 1024;
constexpr std::size_t kMaxCrl = 16UL * 1024 * 1024;

Result<std::vector<std::string>> read_if_given(const std::string& path, std::size_t limit) {
  std::vector<std::string> files;
  if (path.empty()) return files;
  SG_TRY(std::string text, read_input_text(path, limit));
  files.push_back(pem_form(std::move(text)));
  return files;
}

tl::unexpected<Error> refused(const std::string& subject, const std::string& why) {
  return fail(Code::refused, "the certificate '" + one_line(subject, 200) + "' " + why);
}

/// By what stands in it alone.
Result<std::string> subject_if_fit(const std::string& pem) {
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  SG_TRY(std::string subject, text_of_name(X509_get_subject_name(certificate.get())));
  const auto from = unix_time(X509_get0_notBefore(certificate.get()));
  const auto until = unix_time(X509_get0_notAfter(certificate.get()));
  const std::int64_t now = ::time(nullptr);
  if (!from || !until) return refused(subject, "has a malformed time");
  if (*from > now) return refused(subject, "is not valid before " + format_utc(*from));
  if (*until <= now) return refused(subject, "ended at " + format_utc(*until));
  const std::string why = why_not_for_code_signing(certificate.get());
  if (!why.empty()) return refused(subject, why);
  return subject;
}

Result<std::string> subject_if_trusted(const LeafAndCas& chain, const CertificateOptions& options) {
  SG_TRY(const auto roots, read_if_given(options.ca, kMaxPem));
  SG_TRY(auto between, read_if_given(options.intermediates, kMaxPem));
  between.insert(between.end(), chain.cas.begin(), chain.cas.end());
  SG_TRY(const auto lists, read_if_given(options.crl, kMaxCrl));
  auto anchors = TrustAnchors::parse(roots, between);
  if (!anchors) return fail(Code::refused, anchors.error().what(), anchors.error().remedy());
  CertificateRules rules{
      *std::move(anchors), CrlSet::parse(lists), {}, Revocation::off, ::time(nullptr)};
  if (!options.crl.empty()) rules.revocation = Revocation::crl;
  SG_TRY(const JudgedCertificate judged, check_certificate(chain.leaf, rules));
  if (judged.verdict.status != CertificateStatus::good) {
    return refused(judged.verdict.subject, judged.verdict.note);
  }
  return judged.verdict.subject;
}

Result<std::string> policy_name_of(const std::string& pem, const std::string& subject) {
  if (!subject.empty()) return std::string(kSubjectPrefix) + subject;
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  SG_TRY(const auto names, alternative_names(certificate.get()));
  for (const std::string& name : names) {
    auto id = normalize_signer(std::string(kAlternativeNamePrefix) + name);
    if (id) return id;
  }
  return fail(Code::refused, "the certificate names nobody: no subject, no alternative name");
}

}  // namespace

void offer_certificate(CLI::App& app, CertificateOptions& options) {
  app.add_flag("--migrate", options.migrate,
               "Take the signature of the older PKI scripts off, if it is good, and sign anew");
  auto* certificate =
      app.add_option("--certificate", options.certificate,
                     "The key's certificate, which must allow it to sign images now; with "
                     "--migrate, whose old signature it must be");
  certificate->type_name("PEM");
  const auto add = [&](const char* name, std::string& target, const char* help) {
    app.add_option(name, target, help)->type_name("PEM")->needs(certificate);
  };
  add("--ca", options.ca, "Trust anchors for that certificate");
  add("--intermediates", options.intermediates, "Intermediate certificates");
  add("--crl", options.crl, "Revocation list; then it must show that nothing is revoked");
}

Status check_certificate_options(const CertificateOptions& options) {
  if (options.migrate && (options.certificate.empty() || options.ca.empty())) {
    return fail(Code::usage, "--migrate needs --certificate and --ca",
                "say whose old signature counts");
  }
  if (options.ca.empty() && (!options.intermediates.empty() || !options.crl.empty())) {
    return fail(Code::usage, "--intermediates and --crl need --ca");
  }
  return {};
}

Result<CertifiedSigner> certified_signer(const CertificateOptions& options) {
  SG_TRY(std::string raw, read_input_text(options.certificate, kMaxPem));
  const std::string text = pem_form(std::move(raw));
  auto chain = split_chain_file(text);
  if (!chain) {
    Error error = name_file_kind(std::move(chain).error(), text, WantedFile::certificate);
    return tl::unexpected(std::move(error).prepend(options.certificate));
  }
  const std::string& pem = chain->leaf;
  auto key = key_of_certificate(pem);
  if (!key) return tl::unexpected(std::move(key).error().prepend(options.certificate));
  SG_TRY(const std::string subject,
         options.ca.empty() ? subject_if_fit(pem) : subject_if_trusted(*chain, options));
  SG_TRY(std::string name, policy_name_of(pem, subject));
  return CertifiedSigner{*std::move(key), std::move(name)};
}

}  // namespace sifguard
