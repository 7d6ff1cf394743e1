// sif-verify: verifies the signatures of a SIF image. Runs as whoever starts it, without any
// privilege: root opens the image, reads the files that it was given, and becomes an account
// without rights before gpg sees a key, a responder is asked, or the image is read. The image and
// its signatures are parsed in the sandboxed programs that the node's helper uses too.
//
// Exit status: 0 verified, 65 refused; if something prevented a verdict, the status of
// exit_status.h.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "helper/tools/image_listing.h"
#include "helper/tools/pki_legacy.h"
#include "helper/tools/progress.h"
#include "helper/tools/tool.h"
#include "helper/tools/verify_output.h"
#include "helper/tools/verify_request.h"
#include "helper/verify/pki_run.h"
#include "keystore/base/contains.h"
#include "keystore/base/one_line.h"
#include "keystore/base/open_error.h"
#include "keystore/base/text.h"
#include "keystore/base/verdict_colour.h"
#include "keystore/crypto/file_digest.h"
#include "keystore/policy/signer_id.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::int64_t kDeadlineMs = 24LL * 3600 * 1000;  // the user can interrupt it

constexpr const char* kExamples = R"(
Signed with OpenPGP, with a raw key, with a certificate:
  sif-verify --pgp-key alice.asc lolcow.sif
  sif-verify --public-key site.pem lolcow.sif
  sif-verify --certificate carol.pem --ca root.pem --crl crl.pem lolcow.sif

Every object of the image must be signed, by one signer of those given (--all-of: by each).
Exit status: 0 verified, 65 refused, 64 usage, 66 not there, 77 not readable; see sif-verify(1).)";

/// Where the sandboxed programs are: of an installation, or beside this one in a build tree.
std::string programs() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path();
  if (!error && std::filesystem::exists(beside / "sifguard-verifier", error)) return beside;
  return SIFGUARD_LIBEXEC_DIR;
}

Result<UniqueFd> open_image(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const int error = errno;
  if (fd.valid()) return fd;
  return fail_errno(Code::no_input, "cannot open it", error, open_remedy(path, error));
}

/// Runs the sandboxed verifier, with a bar on a terminal while it hashes.
Result<ExaminedFacts> examine(int fd, const SignerKeys& keys, ExamineOptions& examination,
                              const VerifyOptions& options) {
  struct stat st {};
  const bool known = ::fstat(fd, &st) == 0;
  Progress bar("verifying", known ? static_cast<std::uint64_t>(st.st_size) : 0,
               known && !options.quiet && !options.json);
  std::uint64_t told = 0;
  examination.progress = [&](std::uint64_t done) {
    if (done > told) bar.advance(done - std::exchange(told, done));
  };
  auto facts = examine_image(fd, keys, examination);
  examination.progress = nullptr;
  return facts;
}

/// The name of a certificate in bindings; "" when it gives none.
std::string name_in_bindings(const CertificateVerdict& one) {
  if (!one.subject.empty()) return std::string(kSubjectPrefix) + one.subject;
  return one.names.empty() ? "" : std::string(kAlternativeNamePrefix) + one.names.front();
}

/// Asks for signatures by the names that the certificates give: also by those of certificates that
/// are no good, so that the reason is told where one of these signed.
Status ask_for_certificates(VerifyRequest& request, const VerifyOptions& options,
                            const std::vector<CertificateVerdict>& certificates) {
  auto& list = options.all_of ? request.wanted.all_of : request.wanted.any_of;
  for (const CertificateVerdict& one : certificates) {
    const bool good = one.status == CertificateStatus::good;
    if (!good && !options.certificate.empty() && certificates.size() == 1) {
      return fail(Code::refused, "the certificate '" + one.subject + "' " + one.note);
    }
    const std::string name = name_in_bindings(one);
    if (name.empty() && good) return fail(Code::refused, "a certificate names nobody");
    const bool wanted = contains(list, name);
    if (!name.empty() && !wanted) list.push_back(name);
  }
  return {};
}

/// What counts now, by what this tool was given.
Result<Standing> standing_of(const VerifyRequest& request, const ExamineOptions& examination) {
  if (request.trust.certificates.empty()) return Standing(request.limits, request.revoked, {});
  SG_TRY(PkiAnswer answer, run_pki(request.trust, examination));
  return Standing(request.limits, request.revoked, std::move(answer.certificates));
}

/// Read once more only where the keystore revokes images at all, or the binding pins one.
Result<std::string> digest_if_needed(int fd, const VerifyRequest& request,
                                     const VerifyOptions& options) {
  const bool pinned = request.bound && request.bound->binding.digest;
  if (request.revoked.empty() && !pinned) return std::string();
  return file_digest(fd, options.image);
}

/// By the signers given, whoever they are: what certificates call them counts, too.
Result<Verdict> judge_wanted(const CertifiedFacts& certified, const Standing& standing,
                             VerifyRequest& request, const VerifyOptions& options) {
  SG_CHECK(ask_for_certificates(request, options, standing.certificates()));
  if (request.wanted.any_of.empty() && request.wanted.all_of.empty()) {
    if (!request.left_out.empty()) return fail(Code::refused, request.left_out);
    return fail(Code::refused, "nobody is trusted, so no signature counts",
                options.keystore.empty()
                    ? "say whose signature you want: --pgp-key, --public-key, --certificate or "
                      "--keystore"
                    : "the keystore has none of the signers asked for: sifctl signer list");
  }
  return judge(certified, std::vector{request.wanted}, request.trust.now);
}

ExamineOptions examination_in(const PrivateDirectory& scratch) {
  ExamineOptions examination;
  examination.libexec_dir = programs();
  examination.gpg = "/usr/bin/gpg";
  examination.scratch_dir = scratch.path();
  examination.deadline_ms = monotonic_ms() + kDeadlineMs;
  return examination;
}

/// The form of the older PKI scripts: no node accepts it, but whoever migrates wants to know.
Status verify_pki_legacy(const VerifyOptions& options) {
  if (options.certificate.empty() || options.ca.empty() || options.json) {
    return fail(Code::usage, "--pki-legacy needs --certificate and --ca, and knows no --json");
  }
  SG_TRY(const UniqueFd fd, open_image(options.image));
  SG_TRY(const VerifyRequest request, read_verify_request(options));
  SG_TRY(const PrivateDirectory scratch, PrivateDirectory::make());
  SG_TRY(const PkiAnswer answer, run_pki(request.trust, examination_in(scratch)));
  const CertificateVerdict& verdict = answer.certificates.front();
  if (verdict.status != CertificateStatus::good) {
    return fail(Code::refused, "the certificate '" + verdict.subject + "' " + verdict.note);
  }
  SG_TRY(const SignerKey key, key_of_certificate(request.trust.certificates.front()));
  SG_TRY(const sif::Image image, sif::read_image(fd.get()));
  SG_TRY(const PkiLegacySignature signature, check_pki_legacy(fd.get(), image, key));
  if (options.quiet) return {};
  std::printf(
      "%s: verified in the form of the PKI scripts, by %s\n"
      "  covered: the content of %s; not covered: names, types and links of objects\n"
      "  nodes do not accept it: sif-sign --migrate\n",
      printable(options.image).c_str(), one_line(verdict.subject, 300).c_str(),
      objects_text(signature.covered).c_str());
  return {};
}

Status verify(const VerifyOptions& options, Verification& found) {
  if (options.pki_legacy) return verify_pki_legacy(options);
  SG_TRY(const UniqueFd fd, open_image(options.image));
  SG_TRY(VerifyRequest request, read_verify_request(options));
  SG_TRY(const PrivateDirectory scratch, PrivateDirectory::make());
  ExamineOptions examination = examination_in(scratch);
  SG_TRY(const ExaminedFacts examined, examine(fd.get(), request.keys, examination, options));
  found.facts = *examined;
  // Examined in the sandbox without a fault; here it is read again to be described.
  SG_TRY(found.image, sif::read_image(fd.get()));
  SG_TRY(const std::string digest, digest_if_needed(fd.get(), request, options));
  SG_TRY(const Standing standing, standing_of(request, examination));
  SG_TRY(const CertifiedFacts certified, certify(examined, digest, standing));
  found.facts = *certified;
  SG_TRY(found.verdict, request.bound ? judge_bound(certified, *request.bound, request.trust.now)
                                      : judge_wanted(certified, standing, request, options));
  return {};
}

/// Whatever an image is refused for is one kind here; what kept it from being judged is another.
Error as_verdict(const Error& error) {
  const bool judged = error.code() == Code::denied || error.code() == Code::config ||
                      error.code() == Code::absent || error.code() == Code::wrong_state;
  if (!judged || error.error_number() != 0) return error;
  return {Code::refused, error.what(), error.remedy()};
}

int report(const Tool& tool, const VerifyOptions& options, Verification& found,
           const Status& outcome) {
  if (!outcome) found.error = outcome.error();
  if (options.json) {
    tool.answer("verification", verification_json(found));
  } else if (found.facts && !options.quiet) {
    tool.out(verification_text(found, wants_colour(STDOUT_FILENO)));
  }
  if (!outcome) {
    return tool.report(as_verdict(outcome.error()).prepend(options.image));
  }
  return tool.finish();  // what nobody could be told is no verdict to rely on
}

int list(const Tool& tool, const VerifyOptions& options) {
  const auto listed = [&]() -> Status {
    SG_TRY(const UniqueFd fd, open_image(options.image));
    SG_TRY(const Listing listing, list_image(fd.get()));
    if (options.json) {
      tool.answer("listing", listing_json(listing, options.image));
    } else {
      tool.out(listing_text(listing));
    }
    return {};
  }();
  if (listed) return tool.finish();
  Error error = listed.error();
  return tool.answer_error(error.prepend(options.image));
}

void add_options(CLI::App& app, VerifyOptions& o) {
  app.set_version_flag("--version", "sif-verify " SIFGUARD_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.footer(kExamples);
  app.add_option("image", o.image, "The image")->required()->type_name("IMAGE");
  app.add_option("--pgp-key", o.pgp_keys, "OpenPGP public keys, armored or binary")
      ->type_name("FILE")
      ->take_all()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--fingerprint", o.fingerprints, "Only these of the OpenPGP keys (all 40 digits)")
      ->type_name("FPR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--public-key", o.public_keys, "A raw public key (RSA, ECDSA, Ed25519)")
      ->type_name("PEM")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--certificate", o.certificate, "The signer's certificate; needs --ca")
      ->type_name("PEM");
  app.add_option("--ca", o.ca, "Trust anchors for the certificate")->type_name("PEM");
  app.add_option("--intermediates", o.intermediates, "Intermediate certificates")->type_name("PEM");
  app.add_option("--crl", o.crl, "Revocation list; then it must show that nothing is revoked")
      ->type_name("FILE");
  app.add_option("--ocsp", o.ocsp, "OCSP response, or the responder to ask")->type_name("URL|FILE");
  app.add_option("--keystore", o.keystore, "Take signers and trust from a keystore")
      ->type_name("DIR");
  app.add_option("--binding", o.binding,
                 "By this binding of the keystore: its signers, times and key's rule")
      ->type_name("NAME");
  app.add_option("--revocation", o.revocation,
                 "With --keystore: what shows that a certificate is not revoked; as sifguard.yaml "
                 "says unless given")
      ->check(CLI::IsMember({"crl", "ocsp", "ocsp-then-crl", "off"}));
  app.add_flag("--allow-legacy", o.allow_legacy, "Also accept signatures from before SIF 3.6");
  app.add_flag("--pki-legacy", o.pki_legacy,
               "A signature of the older PKI scripts counts, and no other");
  app.add_flag("--all-of", o.all_of, "Each signer given must have signed, not just one");
  app.add_flag("--list", o.list, "List the image's objects instead, as sif-list does");
  app.add_flag("--json", o.json, "Machine-readable result on standard output");
  app.add_flag("-q,--quiet", o.quiet, "Only the exit status, and errors");
}

int run(int argc, char** argv) {
  Tool tool("sif-verify");
  VerifyOptions options;
  CLI::App app{"Verifies the signatures of a SIF image; needs no privilege.", "sif-verify"};
  add_options(app, options);
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  tool.json = options.json;
  if (options.list) return list(tool, options);
  Verification found;
  found.path = options.image;
  const Status outcome = verify(options, found);
  return report(tool, options, found, outcome);
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  const int status = sifguard::run_tool("sif-verify", sifguard::run, argc, argv);
  // Out of memory, or a defect: not verified, and no other status.
  return status == static_cast<int>(sifguard::Code::internal)
             ? static_cast<int>(sifguard::Code::refused)
             : status;
}
