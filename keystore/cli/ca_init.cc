// sifctl ca init: makes a CA. Runs with the rights of the admin of the CA's host.
#include <sys/stat.h>
#include <time.h>

#include <cerrno>
#include <memory>

#include "keystore/base/text.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"
#include "keystore/store/authority_store.h"

namespace sifguard {
namespace {

struct CaInitOptions {
  CaOptions ca;
  std::string algorithm = "p-384";
  std::string out, intermediate_out;
  bool force = false, algorithm_given = false;
  ClockOption clock;
};

/// A CA's keystore is best one of its own: it is made where nothing is.
Result<Keystore> keystore_for_ca(const Session& session) {
  SG_TRY(const std::string directory, session.absolute_keystore_directory());
  struct stat st {};
  if (::lstat(directory.c_str(), &st) != 0 && errno == ENOENT) {
    SG_TRY(const Keystore::Init made, Keystore::init(directory, Session::trust(), {}));
    session.note("keystore made: " + printable(directory) +
                 ", its store key in a file there; sifctl reseal keeps it elsewhere");
  }
  return session.keystore();
}

/// Where a run that was interrupted left one of two, the CA is there, too.
Status check_no_file(const Session& session, const std::string& path) {
  const Status absent = check_absent(path);
  if (absent) return absent;
  const auto keystore = session.keystore();
  const auto place = keystore ? ca_place(*keystore) : CaPlace::free;
  if (!place || *place != CaPlace::whole) return absent;
  return fail(Code::exists, absent.error().what() + ", and so does the CA",
              "get its certificates by sifctl ca show --pem");
}

Status init(const Session& session, CaInitOptions& options) {
  const bool makes_none = !options.ca.token.empty() && (options.ca.intermediate.empty() ||
                                                        !options.ca.intermediate_token.empty());
  if (makes_none && options.algorithm_given) {
    return fail(Code::usage, "--algorithm is for keys that are made, not for those in tokens");
  }
  options.ca.algorithm = *key_algorithm_from(options.algorithm);
  if (options.ca.intermediate.empty() != options.intermediate_out.empty()) {
    return fail(Code::usage, "--intermediate and --intermediate-out go together");
  }
  for (const std::string& path : {options.out, options.intermediate_out}) {
    if (!path.empty() && path != "-" && !options.force) SG_CHECK(check_no_file(session, path));
  }
  SG_CHECK(check_ca_options(options.ca));
  SG_TRY(const Keystore keystore, keystore_for_ca(session));
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  SG_TRY(const CaCertificates made, init_ca(keystore, options.ca, ::time(nullptr)));
  Status written = write_output(session, options.out, made.root, options.force);
  if (written && !made.intermediate.empty()) {
    written = write_output(session, options.intermediate_out, made.intermediate, options.force);
  }
  if (!written) {
    return tl::unexpected(written.error().reworded("the CA is made, but " + written.error().what(),
                                                   "get its certificates by sifctl ca show --pem"));
  }
  if (session.json) answer_ca(session, keystore);
  session.note("make a backup now, and after changes: sifctl backup --out FILE");
  return {};
}

}  // namespace

void add_ca_init(CLI::App& group, Session& session) {
  auto* command =
      group.add_subcommand("init", "Make a CA: a root and, if requested, an intermediate");
  command->footer(R"(
If there is no keystore, one is made as by sifctl init. If there is an intermediate, it issues the
certificates, and verifying them needs both: give nodes the root with
sifctl trust add-root and the intermediate with sifctl trust add-intermediate.
Constraints apply to everything below the root: dns:DOMAIN, email:DOMAIN, uri:HOST, ip:ADDRESS/MASK,
subject:/O=Example. In URLs, {authority} means root or intermediate.
  sifctl ca init --subject '/O=Example/CN=Example Root' --out root.pem
  sifctl ca init --subject '/O=Example/CN=Root' --out root.pem --algorithm ed25519 --permit subject:/O=Example \
         --intermediate '/O=Example/CN=Issuing' --intermediate-out issuing.pem \
         --crl-url 'http://pki.example.org/{authority}.crl'
The keys may be in a PKCS#11 token, RSA or EC, which then signs; the PIN is read from a file:
  sifctl ca init --subject '/O=Example/CN=Example Root' --out root.pem \
         --pkcs11 'pkcs11:token=ca;object=root?pin-source=file:/etc/sifguard/pin')");
  const auto options = std::make_shared<CaInitOptions>();
  command
      ->add_option("--subject", options->ca.subject,
                   "Of the root, /O=Example/CN=… or CN=…,O=Example")
      ->required()
      ->type_name("NAME");
  command->add_option("--out", options->out, "Where to write the root's certificate; - is stdout")
      ->required()
      ->type_name("FILE");
  command->add_option("--intermediate", options->ca.intermediate, "Subject of an intermediate CA")
      ->type_name("NAME");
  command
      ->add_option("--intermediate-out", options->intermediate_out,
                   "Where to write its certificate")
      ->type_name("FILE");
  command->add_option("--pkcs11", options->ca.token, "The URI of the root's key, in a token")
      ->type_name("URI");
  command
      ->add_option("--intermediate-pkcs11", options->ca.intermediate_token,
                   "The URI of the intermediate's key, in a token")
      ->type_name("URI");
  auto* algorithm = command->add_option("--algorithm", options->algorithm, "Kind of the new keys");
  algorithm->type_name(kKeyAlgorithms)
      ->check(CLI::IsMember({"p-256", "p-384", "ed25519", "rsa3072", "rsa4096"}))
      ->capture_default_str();
  command->add_option("--days", options->ca.days, "How long the root is valid")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--intermediate-days", options->ca.intermediate_days,
                   "How long the intermediate is valid")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--path-length", options->ca.path_length, "CAs that may follow below the root")
      ->type_name("N");
  command->add_option("--permit", options->ca.permitted, "Issue for these names only")
      ->type_name("KIND:NAME")
      ->allow_extra_args(false);
  command->add_option("--exclude", options->ca.excluded, "Never issue for these names")
      ->type_name("KIND:NAME")
      ->allow_extra_args(false);
  command
      ->add_option("--crl-url", options->ca.crl_url, "Where revocation lists will be, for others")
      ->type_name("URL");
  command
      ->add_option("--ocsp-url", options->ca.ocsp_url,
                   "Where the OCSP responder will be, for others")
      ->type_name("URL");
  command->add_flag("--force", options->force, "Overwrite the files");
  options->clock.offer(command);
  session.on_change(command, [&session, options, algorithm] {
    options->algorithm_given = algorithm->count() > 0;
    return init(session, *options);
  });
}

}  // namespace sifguard
