// sifctl ca issue|sign-csr|renew: certificates. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "keystore/base/absolute_path.h"
#include "keystore/base/clock.h"
#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/ca/csr.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/certificate_output.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/left_key_file.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/pfx.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {
namespace {

constexpr const char* kAdvice = "give one of --user, --host and --signer";

struct CaIssueOptions {
  std::string user, host, signer;  ///< one of them
  IssueOptions issue;
  std::string algorithm = "p-256";
  std::string out, csr, what;
  std::string old;  ///< serial of the one that is renewed
  PasswordSource password;
  ClockOption clock;
  bool force = false, new_key = false, supersede = false;
  bool old_revoked = false;  ///< the one that is renewed
};

Status choose_profile(CaIssueOptions& options) {
  const int given = (options.user.empty() ? 0 : 1) + (options.host.empty() ? 0 : 1) +
                    (options.signer.empty() ? 0 : 1);
  if (given != 1) return fail(Code::usage, "what is the certificate for?", kAdvice);
  options.issue.profile = !options.user.empty()   ? Profile::user
                          : !options.host.empty() ? Profile::host
                                                  : Profile::signer;
  options.issue.name = options.user + options.host + options.signer;
  if (options.issue.profile == Profile::host && options.issue.names.empty()) {
    options.issue.names.push_back("dns:" + options.host);
  }
  return {};
}

struct Pair {
  Pkey key;
  SecretBytes pem;
};

/// A new key, and its file's content: under a password if one is given.
Result<Pair> make_pair(const CaIssueOptions& options) {
  std::optional<SecretBytes> password;
  if (options.password.given()) {
    SG_TRY(password, options.password.read_new(options.out + ".key"));
    SG_CHECK(check_pfx_password(*password));
  }
  Pair made;
  SG_TRY(made.key, generate_key(*key_algorithm_from(options.algorithm)));
  SG_TRY(made.pem, private_key_pem(made.key.get(), password ? &*password : nullptr));
  return made;
}

/// The serial of a certificate that this command, or an earlier run of it, has revoked.
std::string superseded(const CaIssueOptions& options) {
  return options.supersede && options.old_revoked ? options.old : std::string();
}

void show_revoked(const Session& session, const CaIssueOptions& options, bool superseded) {
  if (superseded && options.out != "-") session.out("revoked " + options.old + "\n");
}

/// Nothing that a CA signs is good for longer than the CA.
void tell_earlier_end(const Session& session, const CaIssueOptions& options,
                      const IssuedCertificate& record) {
  constexpr std::int64_t kWhileItWasMade = 3600;
  const int days = options.issue.days.value_or(default_days(record.profile));
  if (record.until + kWhileItWasMade >= ::time(nullptr) + days * kDay) return;
  session.note("the certificate ends with the " + record.issuer + " CA, on " +
               format_utc(record.until) + ", before its " + std::to_string(days) +
               " days are over");
}

/// How a file is known again: a name that the next run gets from any directory.
Result<std::string> normal_path(const std::string& path) {
  SG_TRY(const std::string absolute, absolute_path(path));
  return std::filesystem::path(absolute).lexically_normal().string();
}

/// What is asked for, with all that makes a difference.
Result<Handover> handover_of(const CaIssueOptions& options, const std::string& certificate,
                             const std::string& key) {
  Handover made;
  if (certificate == "-") return made;
  const std::string days = options.issue.days ? std::to_string(*options.issue.days) : "";
  std::string spki;
  if (options.issue.key != nullptr) {
    SG_TRY(spki, spki_digest(options.issue.key));
  }
  std::string all;
  for (const std::string& part :
       {std::string(profile_name(options.issue.profile)), options.issue.name, options.issue.subject,
        days, options.issue.record.renews, std::string(options.supersede ? "supersede" : ""), spki,
        key.empty() ? std::string() : options.algorithm}) {
    all += part + '\n';
  }
  for (const std::string& name : options.issue.names) all += name + '\n';
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(all)));
  SG_TRY(made.certificate, normal_path(certificate));
  if (!key.empty()) {
    SG_TRY(made.key, normal_path(key));
  }
  made.request = to_hex(digest);
  return made;
}

/// True when this command was interrupted before, and is finished now. Others are told of.
Result<bool> finish_earlier(const Session& session, const Keystore& keystore,
                            const CaIssueOptions& options, const Handover& handover) {
  const auto put = [&](const std::string& pem) {
    return write_output(session, handover.certificate, pem, options.force);
  };
  const auto check = [&]() -> Status {
    return handover.key.empty() ? Status() : check_same_password(options.password, handover.key);
  };
  SG_TRY(const auto done, finish_handover(keystore, handover, put, check));
  if (done) {
    session.note("an interrupted run had recorded this certificate: it is in place now");
    show_certificate(session, done->record);
    show_revoked(session, options, !superseded(options).empty());
    return true;
  }
  tell_handovers(session, keystore);
  return false;
}

/// The key's file is in place before the CA records anything, the certificate's right after; what
/// is interrupted between goes on when the command is repeated (ca/certificate_handover.h).
Status issue_with_key(const Session& session, const Keystore& keystore, CaIssueOptions& options) {
  const std::string certificate = options.out + ".pem";
  SG_TRY(Handover handover, handover_of(options, certificate, options.out + ".key"));
  SG_TRY(const bool finished, finish_earlier(session, keystore, options, handover));
  if (finished) return {};
  if (!options.force) SG_CHECK(check_none_yet(keystore, certificate, superseded(options)));
  SG_CHECK(OutputFile::try_out(options.out + ".key", options.force));
  SG_TRY(const Pair made, make_pair(options));
  SG_TRY(const Sha256Digest digest, sha256(made.pem.bytes()));
  handover.key_digest = to_hex(digest);
  SG_TRY(OutputFile key_file,
         OutputFile::stage(options.out + ".key", made.pem.bytes(), 0600, options.force));
  CertificateFile file(certificate, options.force);
  options.issue.key = made.key.get();
  options.issue.record.handover = handover;
  options.issue.record.stage = [&](const std::string& pem) -> Status {
    SG_CHECK(file.stage(pem));
    return key_file.publish();
  };
  options.issue.record.publish = [&] {
    key_file.keep();
    return file.publish();
  };
  SG_TRY(const Issued issued, issue_certificate(keystore, options.issue, ::time(nullptr)));
  show_certificate(session, issued.record);
  show_revoked(session, options, issued.superseded);
  tell_earlier_end(session, options, issued.record);
  if (key_file.is_open_to_others()) {
    session.note("others may read the private key " + key_file.path() +
                 ": its file system keeps no modes; mount it with umask=077");
  }
  return {};
}

/// `issue` makes the certificate, as the RecordOptions says.
Status issue_to_file(const Session& session, const Keystore& keystore, CaIssueOptions& options,
                     const std::function<Result<Issued>()>& issue) {
  SG_TRY(const Handover handover, handover_of(options, options.out, ""));
  SG_TRY(const bool finished, finish_earlier(session, keystore, options, handover));
  if (finished) return {};
  if (options.out != "-" && !options.force) {
    SG_CHECK(check_none_yet(keystore, options.out, superseded(options)));
  }
  if (options.out != "-") SG_CHECK(OutputFile::try_out(options.out, options.force));
  CertificateFile file(options.out, options.force);
  options.issue.record.handover = handover;
  options.issue.record.stage = [&](const std::string& pem) { return file.stage(pem); };
  options.issue.record.publish = [&] { return file.publish(); };
  SG_TRY(const Issued issued, issue());
  if (options.out == "-") {
    answer_certificate(session, issued.record);
    session.out_content(issued.pem);
    tell_earlier_end(session, options, issued.record);
    return {};
  }
  show_certificate(session, issued.record);
  show_revoked(session, options, issued.superseded);
  tell_earlier_end(session, options, issued.record);
  return {};
}

Status issue_for_key(const Session& session, const Keystore& keystore, CaIssueOptions& options,
                     const EVP_PKEY* key) {
  options.issue.key = key;
  return issue_to_file(session, keystore, options, [&]() -> Result<Issued> {
    if (options.old_revoked) {  // perhaps by an interrupted run of the same command: asked here
      SG_CHECK(check_not_done(keystore, options.out, superseded(options)));
      return fail(Code::wrong_state, "the certificate was revoked",
                  "give --new-key, or issue another");
    }
    return issue_certificate(keystore, options.issue, ::time(nullptr));
  });
}

Status issue(const Session& session, CaIssueOptions& options) {
  SG_CHECK(choose_profile(options));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  return issue_with_key(session, keystore, options);
}

Status sign_csr(const Session& session, CaIssueOptions& options) {
  SG_CHECK(choose_profile(options));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(std::string raw, read_input_text(options.csr, kMaxKeyFile));
  const std::string request = plain_text(std::move(raw));
  auto key = public_key_of_csr(request);
  if (!key) {
    Error error = name_file_kind(std::move(key).error(), request, WantedFile::request);
    return tl::unexpected(std::move(error).prepend(options.csr));
  }
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  return issue_for_key(session, keystore, options, key->get());
}

Status check_renewable(const IssuedCertificate& old, bool new_key) {
  if (old.profile == Profile::ocsp) {
    return fail(Code::wrong_state, "the responder renews its certificate itself", "restart it");
  }
  if (old.profile == Profile::intermediate && new_key) {
    return fail(Code::wrong_state, "an intermediate CA keeps its key",
                "make a new CA for a new one");
  }
  return {};
}

Status renew_ca(const Session& session, const Keystore& keystore, CaIssueOptions& options) {
  const int days = options.issue.days.value_or(default_days(Profile::intermediate));
  SG_CHECK(issue_to_file(session, keystore, options, [&] {
    return renew_intermediate(keystore, days, ::time(nullptr), options.issue.record);
  }));
  session.note("give it to whoever has the older one: sifctl trust add-intermediate");
  return {};
}

/// Of the file that was given, or of the CA's copy.
Result<std::string> pem_of(const Keystore& keystore, const std::string& what,
                           const std::string& serial) {
  if (what.find("-----BEGIN ") != std::string::npos) return what;
  if (has_ca_certificate(keystore, serial)) return read_ca_certificate(keystore, serial);
  return fail(Code::absent, "the CA has no copy of the certificate " + serial,
              "give the certificate itself: sifctl ca renew FILE");
}

Status renew_by(const Session& session, const Keystore& keystore, CaIssueOptions& options,
                const IssuedCertificate& old) {
  if (old.profile == Profile::intermediate) return renew_ca(session, keystore, options);
  if (options.new_key) return issue_with_key(session, keystore, options);
  SG_TRY(const std::string pem, pem_of(keystore, options.issue.record.renews, old.serial));
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  return issue_for_key(session, keystore, options, X509_get0_pubkey(certificate.get()));
}

Status renew(const Session& session, CaIssueOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string what, certificate_argument(options.what));
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_CHECK(check_complete(keystore, index));
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, what));
  const IssuedCertificate old = *found.record;
  SG_CHECK(check_renewable(old, options.new_key));
  options.old = old.serial;
  options.old_revoked = old.revoked_at > 0;
  options.issue.profile = old.profile;
  options.issue.name = old.name;
  options.issue.subject = old.subject;
  options.issue.names = old.names;
  options.issue.record.renews = what;
  options.issue.record.supersede = options.supersede;
  return renew_by(session, keystore, options, old);
}

void offer_holder(CLI::App* command, CaIssueOptions& options) {
  command->add_option("--signer", options.signer, "For signing images: codeSigning")
      ->type_name("NAME");
  command
      ->add_option("--host", options.host,
                   "For a server: serverAuth, dns:NAME unless --san says else")
      ->type_name("NAME");
  command->add_option("--user", options.user, "For a person: clientAuth, emailProtection")
      ->type_name("NAME");
  command
      ->add_option("--subject", options.issue.subject,
                   "Default: the CA's, with the holder's name as CN")
      ->type_name("NAME");
  command->add_option("--san", options.issue.names, "Alternative name: dns:, email:, uri:, ip:")
      ->type_name("KIND:NAME")
      ->allow_extra_args(false);
}

void offer_common(CLI::App* command, CaIssueOptions& options) {
  command->add_option("--days", options.issue.days, "How long it is valid; default 365")
      ->type_name("N");
  command->add_flag("--force", options.force, "Overwrite the files");
  options.clock.offer(command);
}

void offer_key(CLI::App* command, CaIssueOptions& options) {
  command->add_option("--algorithm", options.algorithm, "Of the new key")
      ->type_name(kKeyAlgorithms)
      ->check(CLI::IsMember({"p-256", "p-384", "ed25519", "rsa3072", "rsa4096"}))
      ->capture_default_str();
  options.password.offer(command);
}

}  // namespace

void add_ca_issue(CLI::App& group, Session& session) {
  auto* issuing = group.add_subcommand("issue", "Make a key and issue a certificate for it");
  issuing->footer(R"(
This writes P.pem and P.key (0600; encrypted with --password-file or --password-fd). It is better if the
holder makes the key: see sign-csr.
  sifctl ca issue --signer carol --subject /O=Example/CN=carol --out carol
  sifctl ca issue --host www.example.org --san dns:www.example.org --san dns:example.org --out www
  sifctl ca issue --user dave --san email:dave@example.org --out dave --password-file pw)");
  const auto options = std::make_shared<CaIssueOptions>();
  offer_holder(issuing, *options);
  issuing->add_option("--out", options->out, "Prefix of the files")->required()->type_name("P");
  offer_common(issuing, *options);
  offer_key(issuing, *options);
  session.on_change(issuing, [&session, options] { return issue(session, *options); });

  auto* signing = group.add_subcommand("sign-csr", "Issue a certificate for somebody else's key");
  signing->footer(R"(
Only the public key is taken from the request; subject, names and usages are those given here.
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout carol.key -subj /CN=x -out carol.csr
  sifctl ca sign-csr carol.csr --signer carol --subject /O=Example/CN=carol --out carol.pem)");
  const auto request = std::make_shared<CaIssueOptions>();
  signing->add_option("file", request->csr, "PKCS#10, PEM or DER")->required()->type_name("FILE");
  offer_holder(signing, *request);
  signing->add_option("--out", request->out, "The certificate; - is stdout")
      ->required()
      ->type_name("FILE");
  offer_common(signing, *request);
  session.on_change(signing, [&session, request] { return sign_csr(session, *request); });

  auto* renewing = group.add_subcommand("renew", "Issue a certificate like an older one");
  renewing->footer(R"(
The new certificate has the same holder, names and usages. It is for the same key and written to the file
--out, or for a new key with --new-key, written to P.pem and P.key. The older one stays valid until it
expires, unless --supersede revokes it. The root certifies the key of an intermediate CA again: renew that
before certificates would expire later than it does.
  sifctl ca renew carol.pem --out carol-2027.pem
  sifctl ca renew 5f0c1a2b --new-key --supersede --out carol2)");
  const auto again = std::make_shared<CaIssueOptions>();
  renewing->add_option("certificate", again->what, "Its serial number, or its PEM file")
      ->required()
      ->type_name("SERIAL|FILE");
  renewing->add_option("--out", again->out, "The certificate, or the prefix of the files")
      ->required()
      ->type_name("FILE|P");
  renewing->add_flag("--new-key", again->new_key, "Make a new key");
  renewing->add_flag("--supersede", again->supersede, "Revoke the older one as superseded");
  offer_common(renewing, *again);
  offer_key(renewing, *again);
  session.on_change(renewing, [&session, again] { return renew(session, *again); });
}

}  // namespace sifguard
