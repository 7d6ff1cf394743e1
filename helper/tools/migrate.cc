// sif-sign --migrate. The user's rights.
#include "helper/tools/migrate.h"

#include <time.h>

#include <CLI/CLI.hpp>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPem = 256UL * 1024;
constexpr std::size_t kMaxCrl = 16UL * 1024 * 1024;

Result<std::vector<std::string>> read_if_given(const std::string& path, std::size_t limit) {
  std::vector<std::string> files;
  if (path.empty()) return files;
  SG_TRY(std::string text, read_input_text(path, limit));
  files.push_back(std::move(text));
  return files;
}

}  // namespace

void offer_migrate(CLI::App& app, MigrateOptions& options) {
  auto* migrate =
      app.add_flag("--migrate", options.wanted,
                   "Take the signature of the older PKI scripts off, if it is good, and sign anew");
  const auto add = [&](const char* name, std::string& target, const char* help) {
    app.add_option(name, target, help)->type_name("PEM")->needs(migrate);
  };
  add("--certificate", options.certificate, "Whose old signature it must be; needs --ca");
  add("--ca", options.ca, "Trust anchors for that certificate");
  add("--intermediates", options.intermediates, "Certificates between the two");
  add("--crl", options.crl, "Revocation list; then it must show that nothing is revoked");
}

Status check_migrate(const MigrateOptions& options) {
  if (!options.wanted || (!options.certificate.empty() && !options.ca.empty())) return {};
  return fail(Code::usage, "--migrate needs --certificate and --ca",
              "say whose old signature counts");
}

Result<SignerKey> trusted_old_signer(const MigrateOptions& options) {
  SG_TRY(const std::string pem, read_input_text(options.certificate, kMaxPem));
  SG_TRY(const auto roots, read_if_given(options.ca, kMaxPem));
  SG_TRY(const auto between, read_if_given(options.intermediates, kMaxPem));
  SG_TRY(const auto lists, read_if_given(options.crl, kMaxCrl));
  auto anchors = TrustAnchors::parse(roots, between);
  if (!anchors) return fail(Code::refused, anchors.error().what(), anchors.error().remedy());
  CertificateRules rules{
      *std::move(anchors), CrlSet::parse(lists), {}, Revocation::off, ::time(nullptr)};
  if (!options.crl.empty()) rules.revocation = Revocation::crl;
  SG_TRY(const JudgedCertificate judged, check_certificate(pem, rules));
  if (judged.verdict.status != CertificateStatus::good) {
    return fail(Code::refused, "the certificate '" + printable(judged.verdict.subject, 200) + "' " +
                                   judged.verdict.note);
  }
  return key_of_certificate(pem);
}

}  // namespace sifguard
