// sifctl node init|show|trust|distrust: this node's key for bundles, and the signers whose bundles
// it accepts. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <sys/utsname.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/in_place.h"
#include "keystore/base/input_file.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/bundle/certificates.h"
#include "keystore/bundle/identity.h"
#include "keystore/bundle/serial.h"
#include "keystore/cli/certificate_file.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/private_pem.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct NodeOptions {
  std::string type = "ec", name, key_file, certificate_file, out;
  bool replace = false;
};

std::string host_name() {
  struct utsname host {};
  return ::uname(&host) == 0 ? static_cast<const char*>(host.nodename) : "node";
}

/// A new key, or the one in the file.
Result<CertifiedKey> wanted_key(const NodeOptions& options) {
  const std::string name = options.name.empty() ? host_name() : options.name;
  if (options.key_file.empty()) {
    return make_certified_key(options.type == "rsa" ? CertifiedType::rsa : CertifiedType::ec,
                              CertifiedUse::decrypt, name);
  }
  SG_TRY(SecretBytes raw, read_input_secret(options.key_file, kMaxKeyFile));
  SG_TRY(const SecretBytes pem, private_pem_form(std::move(raw)));
  auto key = read_private_pem(pem, nullptr);
  if (!key) {
    Error error =
        name_file_kind(std::move(key).error(), as_text(pem.bytes()), WantedFile::signing_key);
    return tl::unexpected(std::move(error).prepend(options.key_file));
  }
  CertifiedKey made;
  made.key = *std::move(key);
  if (options.certificate_file.empty()) {
    SG_TRY(made.certificate, certify_key(made.key.get(), CertifiedUse::decrypt, name));
    return made;
  }
  SG_TRY(made.certificate, read_certificate_file(options.certificate_file));
  SG_CHECK(check_recipient(*made.certificate));
  if (certificate_fits(*made.certificate, made.key.get())) return made;
  return fail(Code::refused,
              options.certificate_file + " is not the certificate of " + options.key_file);
}

/// A certificate of the node's from a run that did not end well is replaced with it.
Result<bool> is_replaceable(const std::string& out, const std::optional<std::string>& before) {
  if (out.empty() || out == "-") return false;
  const auto there = before ? read_input_text(out, kMaxKeyFile) : Result<std::string>("");
  if (before && there && *there == *before) return true;
  SG_CHECK(check_absent(out));  // first: another key makes what old bundles are for useless
  return false;
}

/// Written first, too: what else may be wrong with the output is found here. None for stdout.
Result<std::optional<OutputFile>> stage(const NodeOptions& options, const std::string& pem,
                                        bool overwrite) {
  std::optional<OutputFile> file;
  if (options.out.empty() || options.out == "-") return file;
  SG_TRY(OutputFile staged, OutputFile::stage(options.out, as_bytes(pem), 0644, overwrite));
  file.emplace(std::move(staged));
  return file;
}

Status init(const Session& session, const NodeOptions& options) {
  if (!options.certificate_file.empty() && options.key_file.empty()) {
    return fail(Code::usage, "--certificate wants --key too");
  }
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto before, node_certificate(keystore));
  if (before && !options.replace) {
    return fail(Code::exists, "this node has a key already",
                "see sifctl node show; --replace makes another, and old bundles do not open");
  }
  SG_TRY(const bool overwrite, is_replaceable(options.out, before));
  SG_TRY(const CertifiedKey made, wanted_key(options));
  SG_CHECK(check_recipient(*made.certificate));
  SG_TRY(const std::string fingerprint, certificate_fingerprint(*made.certificate));
  SG_TRY(const std::string pem, certificate_pem(*made.certificate));
  SG_TRY(std::optional<OutputFile> file, stage(options, pem, overwrite));
  const auto held = HeldSignals::hold();  // key and certificate change both, or neither does
  const Status set = set_node(keystore, made);
  if (!is_made(set)) return set;
  if (options.out == "-") session.out(pem);
  if (const Status written = file ? file->publish() : Status(); !written) {
    return tl::unexpected(
        written.error().reworded("the node's key is in place, but " + written.error().what(),
                                 "get its certificate by sifctl node show --out FILE"));
  }
  if (file) file->keep();
  if (!set) return set;
  session.answer("node-certificate",
                 nlohmann::ordered_json::object({{"fingerprint", fingerprint}}));
  if (options.out != "-") session.out("node certificate: " + fingerprint + "\n");
  return {};
}

/// `own`: nullptr while the node has no key.
nlohmann::ordered_json to_json(const CertificateView* own,
                               const std::vector<TrustedSigner>& signers,
                               const BundleState& state) {
  Json taken = Json::array();
  for (const TakenBundle& one : state.taken) {
    taken.push_back({{"signer", one.signer.empty() ? Json() : Json(one.signer)},
                     {"store", one.store},
                     {"serial", one.serial}});
  }
  Json list = Json::array();
  for (const TrustedSigner& one : signers) list.push_back(one.fingerprint);
  Json node = nullptr;
  if (own != nullptr) {
    node = {{"fingerprint", own->fingerprint}, {"subject", own->subject}, {"key", own->key}};
  }
  const bool imported = state.imported > 0;
  return {{"node", node},
          {"trusted_signers", list},
          {"imported_serial", imported ? Json(state.imported) : Json()},
          {"imported_from", imported ? Json(state.from) : Json()},
          {"taken", taken}};
}

Status show_node(const Session& session, const std::string& out) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto pem, node_certificate(keystore));
  SG_TRY(const auto signers, trusted_signers(keystore));
  SG_TRY(const BundleState state, read_bundle_state(keystore));
  if (!out.empty()) {
    if (!pem) return fail(Code::config, "this node has no key", "make one with sifctl node init");
    SG_TRY(const CertificateView own, view_certificate(*pem));
    session.answer("node-certificate",
                   nlohmann::ordered_json::object({{"fingerprint", own.fingerprint}}));
    return write_certificate_file(session, out, *pem);
  }
  CertificateView own;
  if (pem) {
    SG_TRY(own, view_certificate(*pem));
  }
  session.answer("node", to_json(pem ? &own : nullptr, signers, state));
  std::vector<std::pair<std::string, std::string>> fields = {
      {"node certificate", pem ? own.fingerprint : "none: sifctl node init"},
      {"subject", own.subject},
      {"key", own.key}};
  for (const TrustedSigner& one : signers) fields.emplace_back("takes bundles of", one.fingerprint);
  if (state.imported > 0) {
    fields.emplace_back("last bundle",
                        "serial " + std::to_string(state.imported) + " of store " + state.from);
  }
  for (const TakenBundle& one : state.taken) {
    fields.emplace_back("taken up to", "serial " + std::to_string(one.serial) + " of store " +
                                           one.store + " by " +
                                           (one.signer.empty() ? "any signer" : one.signer));
  }
  session.print_fields(fields);
  return {};
}

Status trust(const Session& session, const std::string& file) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const Certificate certificate, read_certificate_file(file));
  SG_TRY(const std::string fingerprint, certificate_fingerprint(*certificate));
  SG_TRY(const bool added, trust_signer(keystore, *certificate));
  session.answer("bundle-signer", nlohmann::ordered_json::object({{"fingerprint", fingerprint}}));
  if (added) {
    session.tell_as("takes bundles of " + fingerprint, "taken", "bundles of " + fingerprint);
  } else {
    session.unchanged("bundles of " + fingerprint + " are taken already");
  }
  return {};
}

Status distrust(const Session& session, const std::string& typed) {
  SG_TRY(const Keystore keystore, session.keystore());
  const std::string fingerprint = to_lower(pasted_hex(typed));
  SG_CHECK(distrust_signer(keystore, fingerprint));
  session.answer("bundle-signer", nlohmann::ordered_json::object({{"fingerprint", fingerprint}}));
  session.tell_as("takes no bundles of " + fingerprint + " any more", "taken no more",
                  "bundles of " + fingerprint);
  return {};
}

void add_init(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("init", "Make this node's key for bundles");
  const auto options = std::make_shared<NodeOptions>();
  command->add_option("--type", options->type, "Of a new key: ec (P-256) or rsa (3072 bits)")
      ->check(CLI::IsMember({"ec", "rsa"}))
      ->capture_default_str();
  command->add_option("--name", options->name, "In the certificate; the host's name unless given");
  command->add_option("--key", options->key_file, "Take this private key (PEM) instead")
      ->type_name("FILE");
  command->add_option("--certificate", options->certificate_file, "And this certificate of it")
      ->type_name("FILE");
  command->add_option("--out", options->out, "Write the certificate there; - is stdout")
      ->type_name("FILE");
  command->add_flag("--replace", options->replace, "In place of the key that the node has");
  command->footer(R"(
The private key is encrypted under the store key of this node's keystore. The certificate is not secret; on
the host that exports bundles, its fingerprint must be the one that is printed here.
  sifctl node init --out node1.pem)");
  session.on_change(command, [&session, options] { return init(session, *options); });
}

}  // namespace

void add_node_commands(CLI::App& app, Session& session) {
  auto* group =
      app.add_subcommand("node", "This node: its configuration, and the bundles that it accepts");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_init(*group, session);
  add_node_check(*group, session);
  add_node_list(*group, session);
  auto* command =
      group->add_subcommand("show", "The node's certificate, and whose bundles it accepts");
  const auto out = std::make_shared<std::string>();
  command->add_option("--out", *out, "Write the certificate there; - is stdout")->type_name("FILE");
  command->footer("\n  sifctl node show --json\n  sifctl node show --out node1.pem");
  session.on_read(command, [&session, out] { return show_node(session, *out); });
  command = group->add_subcommand("trust", "Accept bundles of this signer");
  const auto file = std::make_shared<std::string>();
  command->add_option("certificate", *file, "As written by bundle signer --out")
      ->required()
      ->type_name("FILE");
  command->footer("\nCompare the fingerprint first.\n  sifctl node trust site.pem");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, file] { return trust(session, *file); });
  command = group->add_subcommand("distrust", "Accept no more bundles of a signer");
  const auto fingerprint = std::make_shared<std::string>();
  command->add_option("fingerprint", *fingerprint, "As `node show` shows it")
      ->required()
      ->type_name("SHA256");
  command->footer(
      "\n  sifctl node distrust 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  Session::offer_dry_run(command);
  session.on_closing(command, [&session, fingerprint] { return distrust(session, *fingerprint); });
}

}  // namespace sifguard
