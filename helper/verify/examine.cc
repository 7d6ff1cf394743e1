// Examining an image in sandboxed processes: starts them and merges their answers. Root helper
// (or the user's tool); parses neither the image nor OpenPGP.
#include "helper/verify/examine.h"

#include <sys/stat.h>

#include "helper/verify/pgp_run.h"
#include "helper/verify/pki_run.h"
#include "helper/verify/sandboxed.h"
#include "helper/verify/wire/descriptors.h"
#include "helper/verify/wire/pgp_wire.h"
#include "helper/verify/wire/report.h"
#include "keystore/base/text.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

Result<VerifierReport> run_verifier(int image_fd, const ExamineOptions& options) {
  struct stat st {};
  if (::fstat(image_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    return fail(Code::no_input, "the image is not a regular file");
  }
  ChildSpec spec = confined(options, "sifguard-verifier", image_fd);
  spec.isolation.file_bytes = 1;  // it writes no file
  if (!options.progress) {
    SG_TRY(const std::string answer, run_sandboxed(spec, kMaxReport, options.deadline_ms));
    return decode_report(answer, static_cast<std::uint64_t>(st.st_size));
  }
  SG_TRY(const ProgressPage page, ProgressPage::make());
  spec.fds.push_back({page.fd(), kProgressFd});
  SG_TRY(const std::string answer, run_sandboxed(spec, kMaxReport, options.deadline_ms,
                                                 [&] { options.progress(page.count()); }));
  options.progress(
      static_cast<std::uint64_t>(st.st_size));  // what needs no hash has been read, too
  return decode_report(answer, static_cast<std::uint64_t>(st.st_size));
}

Result<std::vector<PgpVerdict>> run_pgp(const PgpRequest& request, const ExamineOptions& options) {
  SG_TRY(const std::string question, encode_pgp_request(request));
  SG_TRY(const std::string answer, ask_pgp(question, kMaxPgpAnswer, options));
  return decode_pgp_answer(answer, request.pairs.size());
}

SignatureStatus status_without_cryptography(StatementStatus statement) {
  switch (statement) {
    case StatementStatus::weak:
      return SignatureStatus::weak;
    case StatementStatus::unsupported:
      return SignatureStatus::unsupported;
    default:
      return SignatureStatus::malformed;
  }
}

/// Good needs both: the key's word, and a statement that fits the image.
SignatureStatus good_if_it_fits(StatementStatus statement) {
  return statement == StatementStatus::fits ? SignatureStatus::good : SignatureStatus::bad;
}

SignatureStatus combined_status(PgpStatus pgp, StatementStatus statement) {
  switch (pgp) {
    case PgpStatus::good:
      return good_if_it_fits(statement);
    case PgpStatus::bad:
      return SignatureStatus::bad;
    case PgpStatus::unknown_key:
      return SignatureStatus::unknown_key;
    case PgpStatus::key_expired:
    case PgpStatus::subkey_expired:
    case PgpStatus::signature_expired:
      return SignatureStatus::expired;
    case PgpStatus::key_revoked:
    case PgpStatus::subkey_revoked:
      return SignatureStatus::revoked;
    case PgpStatus::weak_hash:
      return SignatureStatus::weak;
    case PgpStatus::before_its_key:
    case PgpStatus::malformed:
    case PgpStatus::error:
      break;
  }
  return SignatureStatus::malformed;
}

SignatureStatus combined_status(PairStatus pair, StatementStatus statement) {
  switch (pair) {
    case PairStatus::good:
      return good_if_it_fits(statement);
    case PairStatus::bad:
      return SignatureStatus::bad;
    case PairStatus::unknown_key:
      return SignatureStatus::unknown_key;
    case PairStatus::weak:
      return SignatureStatus::weak;
    case PairStatus::malformed:
      break;
  }
  return SignatureStatus::malformed;
}

constexpr const char* kWrongPair = "the signature does not fit its own statement";

std::string expired(const std::string& what, std::int64_t when) {
  return what + " expired" + (when > 0 ? " on " + format_utc(when) : "");
}

/// Why gpg's verdict is not a good one, as far as the status does not say it; else empty.
std::string note_of(const PgpVerdict& verdict) {
  const std::string subkey = "its subkey " + verdict.signer;
  switch (verdict.status) {
    case PgpStatus::bad:
      return kWrongPair;
    case PgpStatus::error:
      return "gpg could not check it";
    case PgpStatus::key_expired:
      return expired("its key " + verdict.primary, verdict.expires);
    case PgpStatus::subkey_expired:
      return expired(subkey, verdict.expires);
    case PgpStatus::signature_expired:
      return expired("it", verdict.expires);
    case PgpStatus::key_revoked:
      return "its key is revoked by its owner";
    case PgpStatus::subkey_revoked:
      return subkey + " is revoked by its owner";
    case PgpStatus::before_its_key:
      return "it says that it was made before its key was: a clock was wrong";
    default:
      return {};
  }
}

void add_cryptography(SignatureFact& fact, StatementStatus statement, const PgpVerdict& verdict) {
  fact.status = combined_status(verdict.status, statement);
  fact.signer = verdict.primary;
  fact.hash = verdict.hash;
  fact.made = verdict.made;
  fact.valid_until = verdict.expires;
  if (std::string note = note_of(verdict); !note.empty()) fact.note = std::move(note);
}

void add_cryptography(SignatureFact& fact, StatementStatus statement, const PairVerdict& verdict) {
  fact.status = combined_status(verdict.status, statement);
  fact.signer = verdict.spki.empty() ? "" : std::string(kSpkiPrefix) + verdict.spki;
  fact.hash = verdict.hash;
  if (verdict.status == PairStatus::bad) fact.note = kWrongPair;
}

SignatureFact without_cryptography(const SignatureReport& report) {
  SignatureFact fact;
  fact.object_id = report.object_id;
  fact.group_id = report.group_id;
  fact.form = report.form;
  fact.status = status_without_cryptography(report.statement);
  fact.covered = report.covered;
  fact.note = report.note;
  return fact;
}

/// Which signatures a program is asked about, in the order of its pairs.
using Asked = std::vector<std::size_t>;

template <typename Verdict>
void add_verdicts(ImageFacts& facts, const VerifierReport& report, const Asked& asked,
                  const std::vector<Verdict>& verdicts) {
  for (std::size_t i = 0; i < asked.size(); ++i) {
    add_cryptography(facts.signatures[asked[i]], report.signatures[asked[i]].statement,
                     verdicts[i]);
  }
}

}  // namespace

Result<ExaminedFacts> examine_image(int image_fd, const SignerKeys& signer_keys,
                                    const ExamineOptions& options) {
  SG_TRY(VerifierReport report, run_verifier(image_fd, options));
  ImageFacts facts;
  PgpRequest pgp;
  PkiRequest pki;
  Asked of_pgp, of_pki;
  for (std::size_t i = 0; i < report.signatures.size(); ++i) {
    SignatureReport& one = report.signatures[i];
    facts.signatures.push_back(without_cryptography(one));
    if (one.signed_text.empty()) continue;
    if (one.form == SignatureForm::dsse) {
      pki.pairs.push_back({std::move(one.signed_text), std::move(one.signature), one.key_hint});
      of_pki.push_back(i);
    } else {
      pgp.pairs.push_back({std::move(one.signed_text), std::move(one.signature)});
      of_pgp.push_back(i);
    }
  }
  if (!of_pgp.empty()) {
    pgp.keys = signer_keys.openpgp;
    SG_TRY(const auto verdicts, run_pgp(pgp, options));
    add_verdicts(facts, report, of_pgp, verdicts);
  }
  if (!of_pki.empty()) {
    pki.public_keys = signer_keys.public_keys;
    pki.certificates = signer_keys.certificates;
    SG_TRY(const PkiAnswer answer, run_pki(pki, options));
    add_verdicts(facts, report, of_pki, answer.pairs);
  }
  facts.image_size = report.image_size;
  facts.groups = std::move(report.groups);
  facts.ungrouped = std::move(report.ungrouped);
  facts.primary_partition_id = report.primary_partition_id;
  facts.primary_fstype = report.primary_fstype;
  facts.primary = report.primary;
  facts.architecture = std::move(report.architecture);
  facts.message = report.message;
  facts.oci = std::move(report.oci);
  return ExaminedFacts(std::move(facts));
}

Result<ExaminedFacts> examine_whole(int image_fd, std::uint64_t size, const SignerKeys& signer_keys,
                                    const ExamineOptions& options) {
  SG_TRY(ExaminedFacts facts, examine_image(image_fd, signer_keys, options));
  if (facts->image_size != size) return fail(Code::internal, "the verifier read another image");
  return facts;
}

}  // namespace sifguard
