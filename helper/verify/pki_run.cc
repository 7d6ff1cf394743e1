// Asking `sifguard-pki`: signatures of raw keys, and certificates. Root helper, or the user's own
// tool; the bytes are parsed in the sandbox only.
#include "helper/verify/pki_run.h"

#include "helper/verify/sandboxed.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

void add_names(SignatureFact& fact, const CertificateVerdict& certificate) {
  if (!certificate.subject.empty()) {
    fact.certified.push_back(
        {std::string(kSubjectPrefix) + certificate.subject, certificate.valid_until});
  }
  for (const std::string& name : certificate.names) {
    auto id = normalize_signer(std::string(kAlternativeNamePrefix) + name);
    if (id) fact.certified.push_back({*std::move(id), certificate.valid_until});
  }
}

std::string why_not(const CertificateVerdict& certificate) {
  return "its certificate '" + one_line(certificate.subject, 200) + "' " +
         (certificate.note.empty() ? "is not good" : certificate.note);
}

}  // namespace

Result<PkiAnswer> run_pki(const PkiRequest& request, const ExamineOptions& options) {
  SG_TRY(const std::string question, encode_pki_request(request));
  SG_TRY(const UniqueFd input, request_in_memory(question));
  ChildSpec spec = confined(options, "sifguard-pki", input.get());
  spec.isolation.file_bytes = 1;  // it writes no file
  SG_TRY(const std::string answer, run_sandboxed(spec, kMaxPkiAnswer, options.deadline_ms));
  return decode_pki_answer(answer, request.pairs.size(), request.certificates.size());
}

void add_certified_names(ImageFacts& facts, std::span<const CertificateVerdict> certificates) {
  for (SignatureFact& fact : facts.signatures) {
    if (fact.form != SignatureForm::dsse || fact.status != SignatureStatus::good) continue;
    for (const CertificateVerdict& certificate : certificates) {
      if (fact.signer != std::string(kSpkiPrefix) + certificate.spki) continue;
      if (certificate.status == CertificateStatus::good) {
        add_names(fact, certificate);
      } else if (fact.note.empty()) {
        fact.note = why_not(certificate);
        fact.uncertified = certificate.status;
      }
    }
  }
}

}  // namespace sifguard
