// sifctl ca issue|sign-csr|renew: certificates. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/ca/csr.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/pfx.h"
#include "keystore/x509/chain.h"

namespace sifguard {
namespace {

constexpr const char* kAdvice = "give one of --user, --host and --signer";

struct Wish {
  std::string user, host, signer;  ///< one of them
  IssueWish issue;
  std::string algorithm = "p-256";
  std::string out, csr, what;
  std::string old;  ///< serial of the one that is renewed
  PasswordSource password;
  ClockOption clock;
  bool force = false, new_key = false, supersede = false;
  bool old_revoked = false;  ///< the one that is renewed
};

Status choose_profile(Wish& wish) {
  const int given =
      (wish.user.empty() ? 0 : 1) + (wish.host.empty() ? 0 : 1) + (wish.signer.empty() ? 0 : 1);
  if (given != 1) return fail(Code::usage, "what is the certificate for?", kAdvice);
  wish.issue.profile = !wish.user.empty()   ? Profile::user
                       : !wish.host.empty() ? Profile::host
                                            : Profile::signer;
  wish.issue.name = wish.user + wish.host + wish.signer;
  if (wish.issue.profile == Profile::host && wish.issue.names.empty()) {
    wish.issue.names.push_back("dns:" + wish.host);
  }
  return {};
}

struct Pair {
  Pkey key;
  SecretBytes pem;
};

/// A new key, and its file's content: under a password if one is given.
Result<Pair> make_pair(const Wish& wish) {
  std::optional<SecretBytes> password;
  if (wish.password.given()) {
    SG_TRY(password, wish.password.read_new(wish.out + ".key"));
    SG_CHECK(check_pfx_password(*password));
  }
  Pair made;
  SG_TRY(made.key, generate_key(*key_algorithm_from(wish.algorithm)));
  SG_TRY(made.pem, private_key_pem(made.key.get(), password ? &*password : nullptr));
  return made;
}

/// A certificate's file, written before the CA records anything: a full disk leaves no record of
/// what nobody has.
class CertificateFile {
 public:
  CertificateFile(std::string path, bool force) : path_(std::move(path)), force_(force) {}

  Status stage(const std::string& pem) {
    if (path_ == "-") return {};
    SG_TRY(OutputFile staged, OutputFile::stage(path_, as_bytes(pem), 0644, force_));
    file_.emplace(std::move(staged));
    return {};
  }
  Status publish() {
    if (!file_) return {};
    SG_CHECK(file_->publish());
    file_->keep();
    return {};
  }

 private:
  std::string path_;
  bool force_;
  std::optional<OutputFile> file_;
};

void show_revoked(const Session& session, const Wish& wish, bool superseded) {
  if (superseded && wish.out != "-" && !session.json) session.out("revoked " + wish.old + "\n");
}

/// What is asked for, with all that makes a difference.
Result<Handover> handover_of(const Wish& wish, const std::string& certificate,
                             const std::string& key) {
  Handover made;
  if (certificate == "-") return made;
  const std::string days = wish.issue.days ? std::to_string(*wish.issue.days) : "";
  std::string spki;
  if (wish.issue.key != nullptr) {
    SG_TRY(spki, spki_digest(wish.issue.key));
  }
  std::string all;
  for (const std::string& part :
       {std::string(profile_name(wish.issue.profile)), wish.issue.name, wish.issue.subject, days,
        wish.issue.record.renews, std::string(wish.supersede ? "supersede" : ""), spki,
        key.empty() ? std::string() : wish.algorithm}) {
    all += part + '\n';
  }
  for (const std::string& name : wish.issue.names) all += name + '\n';
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(all)));
  made.certificate = std::filesystem::absolute(certificate).lexically_normal();
  if (!key.empty()) made.key = std::filesystem::absolute(key).lexically_normal();
  made.wish = to_hex(digest);
  return made;
}

/// True when this command was interrupted before, and is finished now. Others are told of.
Result<bool> finish_earlier(const Session& session, const Keystore& keystore, const Wish& wish,
                            const Handover& handover) {
  const auto put = [&](const std::string& pem) {
    return write_output(session, handover.certificate, pem, wish.force);
  };
  SG_TRY(const auto done, finish_handover(keystore, handover, put));
  if (done) {
    session.note("an interrupted run had recorded this certificate: it is in place now");
    show_certificate(session, done->record);
    return true;
  }
  tell_handovers(session, keystore);
  return false;
}

/// The key's file is in place before the CA records anything, the certificate's right after; what
/// is interrupted between goes on when the command is repeated (ca/handover.h).
Status issue_with_key(const Session& session, const Keystore& keystore, Wish& wish) {
  const std::string certificate = wish.out + ".pem";
  SG_TRY(Handover handover, handover_of(wish, certificate, wish.out + ".key"));
  SG_TRY(const bool finished, finish_earlier(session, keystore, wish, handover));
  if (finished) return {};
  if (!wish.force) SG_CHECK(check_absent(certificate));
  SG_TRY(const Pair made, make_pair(wish));
  SG_TRY(const Sha256Digest digest, sha256(made.pem.bytes()));
  handover.key_digest = to_hex(digest);
  SG_TRY(OutputFile key_file,
         OutputFile::stage(wish.out + ".key", made.pem.bytes(), 0600, wish.force));
  CertificateFile file(certificate, wish.force);
  wish.issue.key = made.key.get();
  wish.issue.record.handover = handover;
  wish.issue.record.stage = [&](const std::string& pem) -> Status {
    SG_CHECK(file.stage(pem));
    return key_file.publish();
  };
  wish.issue.record.publish = [&] {
    key_file.keep();
    return file.publish();
  };
  SG_TRY(const Issued issued, issue_certificate(keystore, wish.issue, ::time(nullptr)));
  show_certificate(session, issued.record);
  show_revoked(session, wish, issued.superseded);
  return {};
}

/// `issue` makes the certificate, as the RecordWish says.
Status issue_to_file(const Session& session, const Keystore& keystore, Wish& wish,
                     const std::function<Result<Issued>()>& issue) {
  SG_TRY(const Handover handover, handover_of(wish, wish.out, ""));
  SG_TRY(const bool finished, finish_earlier(session, keystore, wish, handover));
  if (finished) return {};
  if (wish.out != "-" && !wish.force) SG_CHECK(check_absent(wish.out));
  CertificateFile file(wish.out, wish.force);
  wish.issue.record.handover = handover;
  wish.issue.record.stage = [&](const std::string& pem) { return file.stage(pem); };
  wish.issue.record.publish = [&] { return file.publish(); };
  SG_TRY(const Issued issued, issue());
  if (wish.out == "-") {
    session.out(issued.pem);
    return {};
  }
  show_certificate(session, issued.record);
  show_revoked(session, wish, issued.superseded);
  return {};
}

Status issue_for_key(const Session& session, const Keystore& keystore, Wish& wish,
                     const EVP_PKEY* key) {
  wish.issue.key = key;
  return issue_to_file(session, keystore, wish, [&]() -> Result<Issued> {
    if (wish.old_revoked) {  // perhaps by an interrupted run of the same command: asked here
      return fail(Code::usage, "the certificate was revoked", "give --new-key, or issue another");
    }
    return issue_certificate(keystore, wish.issue, ::time(nullptr));
  });
}

Status issue(const Session& session, Wish& wish) {
  SG_CHECK(choose_profile(wish));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(wish.clock.check_for_ca(keystore));
  return issue_with_key(session, keystore, wish);
}

Status sign_csr(const Session& session, Wish& wish) {
  SG_CHECK(choose_profile(wish));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(std::string raw, read_input_text(wish.csr, kMaxKeyFile));
  const std::string request = plain_text(std::move(raw));
  auto key = public_key_of_csr(request);
  if (!key) {
    Error error = name_file_kind(std::move(key).error(), request, WantedFile::request);
    return tl::unexpected(std::move(error).prepend(wish.csr));
  }
  SG_CHECK(wish.clock.check_for_ca(keystore));
  return issue_for_key(session, keystore, wish, key->get());
}

Status check_renewable(const IssuedCertificate& old, bool new_key) {
  if (old.profile == Profile::ocsp) {
    return fail(Code::usage, "the responder renews its certificate itself", "restart it");
  }
  if (old.profile == Profile::intermediate && new_key) {
    return fail(Code::usage, "an intermediate CA keeps its key", "make a new CA for a new one");
  }
  return {};
}

Status renew_ca(const Session& session, const Keystore& keystore, Wish& wish) {
  const int days = wish.issue.days.value_or(default_days(Profile::intermediate));
  SG_CHECK(issue_to_file(session, keystore, wish, [&] {
    return renew_intermediate(keystore, days, ::time(nullptr), wish.issue.record);
  }));
  session.note("give it to whoever has the older one: sifctl trust add-intermediate");
  return {};
}

/// Of the file that was given, or of the CA's copy.
Result<std::string> pem_of(const Keystore& keystore, const std::string& what,
                           const std::string& serial) {
  if (what.find("-----BEGIN ") != std::string::npos) return what;
  return read_ca_certificate(keystore, serial);
}

Status renew_by(const Session& session, const Keystore& keystore, Wish& wish,
                const IssuedCertificate& old) {
  if (old.profile == Profile::intermediate) return renew_ca(session, keystore, wish);
  if (wish.new_key) return issue_with_key(session, keystore, wish);
  SG_TRY(const std::string pem, pem_of(keystore, wish.issue.record.renews, old.serial));
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  return issue_for_key(session, keystore, wish, X509_get0_pubkey(certificate.get()));
}

Status renew(const Session& session, Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string what, certificate_argument(wish.what));
  SG_CHECK(wish.clock.check_for_ca(keystore));
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, what));
  const IssuedCertificate old = *found.record;
  SG_CHECK(check_renewable(old, wish.new_key));
  wish.old = old.serial;
  wish.old_revoked = old.revoked_at > 0;
  wish.issue.profile = old.profile;
  wish.issue.name = old.name;
  wish.issue.subject = old.subject;
  wish.issue.names = old.names;
  wish.issue.record.renews = what;
  wish.issue.record.supersede = wish.supersede;
  return renew_by(session, keystore, wish, old);
}

void offer_holder(CLI::App* command, Wish& wish) {
  command->add_option("--signer", wish.signer, "For signing images: codeSigning")
      ->type_name("NAME");
  command
      ->add_option("--host", wish.host, "For a server: serverAuth, dns:NAME unless --san says else")
      ->type_name("NAME");
  command->add_option("--user", wish.user, "For a person: clientAuth, emailProtection")
      ->type_name("NAME");
  command
      ->add_option("--subject", wish.issue.subject,
                   "Default: the CA's, with the holder's name as CN")
      ->type_name("NAME");
  command->add_option("--san", wish.issue.names, "Alternative name: dns:, email:, uri:, ip:")
      ->type_name("KIND:NAME")
      ->allow_extra_args(false);
}

void offer_common(CLI::App* command, Wish& wish) {
  command->add_option("--days", wish.issue.days, "How long it holds; default 365")->type_name("N");
  command->add_flag("--force", wish.force, "Overwrite the files");
  wish.clock.offer(command);
}

void offer_key(CLI::App* command, Wish& wish) {
  command->add_option("--algorithm", wish.algorithm, "Of the new key")
      ->type_name(kKeyAlgorithms)
      ->check(CLI::IsMember({"p-256", "p-384", "ed25519", "rsa3072", "rsa4096"}))
      ->capture_default_str();
  wish.password.offer(command);
}

}  // namespace

void add_ca_issue(CLI::App& group, Session& session) {
  auto* issuing = group.add_subcommand("issue", "Make a key and issue a certificate for it");
  issuing->footer(R"(
Writes P.pem and P.key (0600; under a password with --password-file or --password-fd). A key that its
holder made is better: see sign-csr.
  sifctl ca issue --signer carol --subject /O=Example/CN=carol --out carol
  sifctl ca issue --host www.example.org --san dns:www.example.org --san dns:example.org --out www
  sifctl ca issue --user dave --san email:dave@example.org --out dave --password-file pw)");
  const auto wish = std::make_shared<Wish>();
  offer_holder(issuing, *wish);
  issuing->add_option("--out", wish->out, "Prefix of the files")->required()->type_name("P");
  offer_common(issuing, *wish);
  offer_key(issuing, *wish);
  session.offer_json(issuing);
  session.on_change(issuing, [&session, wish] { return issue(session, *wish); });

  auto* signing = group.add_subcommand("sign-csr", "Issue a certificate for somebody else's key");
  signing->footer(R"(
Only the public key is taken from the request; subject, names and usages are what you say here.
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout carol.key -subj /CN=x -out carol.csr
  sifctl ca sign-csr carol.csr --signer carol --subject /O=Example/CN=carol --out carol.pem)");
  const auto request = std::make_shared<Wish>();
  signing->add_option("file", request->csr, "PKCS#10, PEM or DER")->required()->type_name("FILE");
  offer_holder(signing, *request);
  signing->add_option("--out", request->out, "The certificate; - is stdout")
      ->required()
      ->type_name("FILE");
  offer_common(signing, *request);
  session.offer_json(signing);
  session.on_change(signing, [&session, request] { return sign_csr(session, *request); });

  auto* renewing = group.add_subcommand("renew", "Issue a certificate like an older one");
  renewing->footer(R"(
For the same holder, names and usages; for the same key and to the file --out, or with --new-key to P.pem
and P.key. The older one stays good until it ends, unless --supersede revokes it. An intermediate CA's
key is certified anew by the root: renew it while certificates that it issues shall still outlast it.
  sifctl ca renew carol.pem --out carol-2027.pem
  sifctl ca renew 5f0c1a2b --new-key --supersede --out carol2)");
  const auto again = std::make_shared<Wish>();
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
  session.offer_json(renewing);
  session.on_change(renewing, [&session, again] { return renew(session, *again); });
}

}  // namespace sifguard
