// Examining an image in sandboxed processes: starts them and merges their answers. Root helper
// (or the user's tool); parses neither the image nor OpenPGP.
#include "helper/verify/examine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "helper/verify/pgp_home.h"
#include "helper/verify/pgp_wire.h"
#include "helper/verify/report.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kMemory = 256ULL << 20U;
constexpr unsigned kProcesses = 256;  // of the no-login account, over all checks on the node
constexpr int kInputFd = 3;           // sandbox.h, pgp_main.cc
constexpr int kOutputFd = 4;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimitMemory = false;  // AddressSanitizer reserves terabytes of address space
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif
#else
constexpr bool kLimitMemory = true;
#endif

/// What both programs lose. Namespaces need root; without it (the user's own tools) the identity,
/// the limits and the verifier's seccomp filter still hold.
ChildSpec confined(const ExamineOptions& options, const std::string& program, int input,
                   int output) {
  ChildSpec spec;
  spec.program = options.libexec_dir + "/" + program;
  spec.argv = {program};
  spec.environment = {"LC_ALL=C"};
  spec.fds = {{input, kInputFd}, {output, kOutputFd}};
  spec.identity = options.identity;
  const bool root = ::geteuid() == 0;
  spec.isolation.no_network = root;
  spec.isolation.own_pids = root;
  spec.isolation.read_only_root = root;
  spec.isolation.memory_bytes = kLimitMemory ? kMemory : 0;
  return spec;
}

Status check_ending(int status, const std::string& program) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    return fail(Code::refused,
                "the image made " + program + " use a forbidden system call; its sandbox ended it");
  }
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "status " + std::to_string(WEXITSTATUS(status));
  return fail(Code::refused, "the image made " + program + " fail with " + how);
}

/// Runs one program to its end and gives its whole answer.
Result<std::string> run(ChildSpec& spec, std::size_t limit, std::int64_t deadline_ms) {
  SG_TRY(Pipe answer, make_pipe());
  spec.fds.back().from = answer.write_end.get();
  SG_TRY(Child child, start_child(spec));
  answer.write_end.reset();
  SG_TRY(std::string text,
         read_until(answer.read_end.get(), limit, deadline_ms, spec.argv.front()));
  SG_TRY(const int status, child.wait(deadline_ms));
  SG_CHECK(check_ending(status, spec.argv.front()));
  return text;
}

Result<VerifierReport> run_verifier(int image_fd, const ExamineOptions& options) {
  struct stat st {};
  if (::fstat(image_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    return fail(Code::no_input, "the image is not a regular file");
  }
  ChildSpec spec = confined(options, "sifguard-verifier", image_fd, -1);
  spec.isolation.file_bytes = 1;  // it writes no file
  SG_TRY(const std::string answer, run(spec, kMaxReport, options.deadline_ms));
  return decode_report(answer, static_cast<std::uint64_t>(st.st_size));
}

/// The request in memory: unlike a pipe it cannot fill up, nor raise SIGPIPE here when the check
/// ends early.
Result<UniqueFd> in_memory(std::string_view text) {
  UniqueFd fd(::memfd_create("sifguard-pgp-request", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return fail_errno(Code::temporary, "cannot get memory for a request", errno);
  SG_CHECK(write_all(fd.get(), text, "a request in memory"));
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::lseek(fd.get(), 0, SEEK_SET) != 0 || ::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) {
    return fail_errno(Code::internal, "cannot seal a request in memory", errno);
  }
  return fd;
}

Result<std::vector<PgpVerdict>> run_pgp(const PgpRequest& request, const ExamineOptions& options) {
  SG_TRY(const std::string question, encode_pgp_request(request));
  SG_TRY(const UniqueFd input, in_memory(question));
  SG_TRY(const PgpHome home, PgpHome::prepare(options.scratch_dir));
  ChildSpec spec = confined(options, "sifguard-pgp", input.get(), -1);
  spec.argv = {"sifguard-pgp", home.path(), options.gpg};
  spec.environment = {"LC_ALL=C", "HOME=" + home.path(), "GNUPGHOME=" + home.path(),
                      "TMPDIR=" + home.path()};
  if (home.covered()) spec.isolation.private_tmpfs = home.path();
  spec.isolation.processes = options.identity ? kProcesses : 0;
  SG_TRY(const std::string answer, run(spec, kMaxPgpAnswer, options.deadline_ms));
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
SignatureStatus combined_status(PgpStatus pgp, StatementStatus statement) {
  switch (pgp) {
    case PgpStatus::good:
      return statement == StatementStatus::fits ? SignatureStatus::good : SignatureStatus::bad;
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

void add_cryptography(SignatureFact& fact, StatementStatus statement, const PgpVerdict& verdict) {
  fact.status = combined_status(verdict.status, statement);
  fact.signer = verdict.primary;
  fact.hash = verdict.hash;
  fact.made = verdict.made;
  fact.valid_until = verdict.expires;
  if (verdict.status == PgpStatus::bad) {
    fact.note = "the signature does not fit its own statement";
  } else if (verdict.status == PgpStatus::error) {
    fact.note = "gpg could not check it";
  }
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

}  // namespace

Result<ImageFacts> examine_image(int image_fd, const std::vector<std::string>& signer_keys,
                                 const ExamineOptions& options) {
  SG_TRY(VerifierReport report, run_verifier(image_fd, options));
  ImageFacts facts;
  PgpRequest request;
  std::vector<std::size_t> asked;  // the signature that each pair belongs to
  for (std::size_t i = 0; i < report.signatures.size(); ++i) {
    SignatureReport& signature = report.signatures[i];
    facts.signatures.push_back(without_cryptography(signature));
    if (signature.signed_text.empty()) continue;
    request.pairs.push_back({std::move(signature.signed_text), std::move(signature.signature)});
    asked.push_back(i);
  }
  if (!asked.empty()) {
    request.keys = signer_keys;
    SG_TRY(const auto verdicts, run_pgp(request, options));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      add_cryptography(facts.signatures[asked[i]], report.signatures[asked[i]].statement,
                       verdicts[i]);
    }
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
