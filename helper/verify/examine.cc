// Examining an image in sandboxed processes: starts them and merges their answers. Root helper
// (or the user's tool); parses neither the image nor OpenPGP.
#include "helper/verify/examine.h"

#include <sys/stat.h>

#include "helper/process/landlock.h"
#include "helper/verify/pgp_home.h"
#include "helper/verify/pgp_wire.h"
#include "helper/verify/pki_run.h"
#include "helper/verify/report.h"
#include "helper/verify/sandboxed.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

constexpr int kProgressFd = 5;  // sandbox.h
// Of the no-login account, over all checks on the node: also the verifiers' threads, up to
// kMaxWorkers each, and every gpg that a check has run, until the check ends. Hundreds of launches
// at once must not stop each other.
constexpr unsigned kProcesses = 4096;
constexpr std::uint64_t kHomeBytes = 32U << 20U;  // keys of signers are at most 1 MiB each

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
  return decode_report(answer, static_cast<std::uint64_t>(st.st_size));
}

Result<std::vector<PgpVerdict>> run_pgp(const PgpRequest& request, const ExamineOptions& options) {
  SG_TRY(const std::string question, encode_pgp_request(request));
  SG_TRY(const UniqueFd input, request_in_memory(question));
  SG_TRY(const PgpHome home, PgpHome::prepare(options.scratch_dir));
  ChildSpec spec = confined(options, "sifguard-pgp", input.get());
  spec.argv = {"sifguard-pgp", home.path(), options.gpg};
  spec.environment = {"LC_ALL=C", "HOME=" + home.path(), "GNUPGHOME=" + home.path(),
                      "TMPDIR=" + home.path()};
  if (spec.isolation.mounts != Namespace::ours) {
    spec.isolation.scratch = options.scratch_dir;
    spec.isolation.home = home.path();
    // The filter lets gpg open files. Where the kernel cannot say which, only mounts can.
    if (landlock_version() == 0) spec.isolation.mounts = Namespace::must;
  }
  spec.isolation.file_bytes = kHomeBytes;
  spec.isolation.processes_at_most = options.identity ? kProcesses : 0;
  SG_TRY(const std::string answer, run_sandboxed(spec, kMaxPgpAnswer, options.deadline_ms));
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
    case PgpStatus::signature_expired:
      return SignatureStatus::expired;
    case PgpStatus::key_revoked:
      return SignatureStatus::revoked;
    case PgpStatus::weak_hash:
      return SignatureStatus::weak;
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

void add_cryptography(SignatureFact& fact, StatementStatus statement, const PgpVerdict& verdict) {
  fact.status = combined_status(verdict.status, statement);
  fact.signer = verdict.primary;
  fact.hash = verdict.hash;
  fact.made = verdict.made;
  fact.valid_until = verdict.expires;
  if (verdict.status == PgpStatus::bad) {
    fact.note = kWrongPair;
  } else if (verdict.status == PgpStatus::error) {
    fact.note = "gpg could not check it";
  }
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

Result<ImageFacts> examine_image(int image_fd, const SignerKeys& signer_keys,
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
  facts.architecture = std::move(report.architecture);
  facts.message = report.message;
  return facts;
}

}  // namespace sifguard
