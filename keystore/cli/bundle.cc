// sifctl bundle export|import|signer: what nodes need of a keystore, signed and encrypted for them.
// Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/file_kind.h"
#include "keystore/base/in_place.h"
#include "keystore/base/input_file.h"
#include "keystore/base/json_values.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/bundle/bundle.h"
#include "keystore/bundle/bundle_transfer.h"
#include "keystore/bundle/identity.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/certificate_file.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/pgp_merge_program.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/certificate.h"
#include "keystore/store/images_file.h"

namespace sifguard {
namespace {

struct ExportOptions {
  std::vector<std::string> nodes, only;
  std::string out;
  bool force = false;
  ClockOption clock;
};

struct ImportOptions {
  std::string file;
  bool dry_run = false;
  ClockOption clock;
};

std::string counted_keys(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string contents(std::size_t bindings, std::size_t keys, std::size_t signers) {
  return counted_keys(bindings, "binding") + ", " + counted_keys(keys, "key") + ", " +
         counted_keys(signers, "signer");
}

Status export_one(const Session& session, const ExportOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(OutputFile::try_out(options.out, options.force));
  std::vector<Certificate> certificates;
  std::vector<const X509*> recipients;
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  std::string shown;
  for (const std::string& file : options.nodes) {
    SG_TRY(Certificate certificate, read_certificate_file(file));
    if (const Status usable = check_recipient(*certificate); !usable) {
      return tl::unexpected(Error(usable.error()).prepend(file));
    }
    SG_TRY(const std::string fingerprint, certificate_fingerprint(*certificate));
    nodes.push_back(fingerprint);
    shown += "for node " + fingerprint + " " + printable(file) + "\n";
    recipients.push_back(certificate.get());
    certificates.push_back(std::move(certificate));
  }
  SG_CHECK(options.clock.check(keystore, Dated::bundle));
  SG_TRY(const Exported made, export_bundle(keystore, options.only, recipients));
  SG_TRY(OutputFile file, OutputFile::stage(options.out, made.message, 0600, options.force));
  SG_CHECK(file.publish());
  file.keep();
  session.answer("bundle", {{"file", options.out},
                            {"serial", made.manifest.serial},
                            {"store", made.manifest.store},
                            {"nodes", nodes},
                            {"bindings", made.bindings},
                            {"besides", made.besides},
                            {"keys", made.keys},
                            {"signers", made.signers}});
  if (!made.besides.empty() && !session.json) {
    session.note("the bundle has other bindings, too, that may be for the same images: " +
                 joined(made.besides));
  }
  session.out(shown + "serial " + std::to_string(made.manifest.serial) + " of store " +
              made.manifest.store + ": " + contents(made.bindings, made.keys, made.signers) + "\n");
  return {};
}

/// Launches hold each grant against its binding by themselves; here it is told, and marked.
constexpr std::string_view kGrantsLeft = "break-glass grants that it ends are not marked as ended";

Status end_break_glass(const Session& session, const std::string& before) {
  SG_TRY(const Keystore now, session.keystore());  // another, in place of the first
  SG_TRY(const std::string after, images_or_none(now));
  return void_break_glass(session, now, before, after);
}

Status import_one(const Session& session, const ImportOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string message, read_input_text(options.file, 2 * kMaxPayload));
  SG_TRY(const std::string before, images_or_none(keystore));
  auto done = import_bundle(keystore, as_bytes(message), merge_in_sandbox,
                            {options.dry_run, options.clock.accepted});
  if (!done) {
    Error error = name_file_kind(std::move(done).error(), message, WantedFile::bundle);
    return tl::unexpected(std::move(error).prepend(options.file));
  }
  if (!options.dry_run && !done->unchanged) {
    if (auto ended = end_break_glass(session, before); !ended) {
      return tl::unexpected(in_place(std::move(ended).error(), kGrantsLeft));
    }
  }
  const std::string shown =
      "serial " + std::to_string(done->manifest.serial) + " of store " + done->manifest.store;
  if (done->unchanged) session.unchanged(shown + " is what was imported last");
  const KeptFinal& states = done->final_states;
  for (const std::string& note : done->notes) session.note(note);
  session.answer("bundle-import", {{"serial", done->manifest.serial},
                                   {"store", done->manifest.store},
                                   {"created", utc_or_null(done->manifest.created)},
                                   {"signer", done->signer},
                                   {"bindings", done->bindings},
                                   {"keys", done->keys},
                                   {"signers", done->signers},
                                   {"kept", states.kept},
                                   {"undone", states.undone}});
  for (const std::string& each : states.undone) session.out(one_line(each, 500) + "\n");
  for (const std::string& each : states.kept) session.out(one_line(each, 500) + "\n");
  if (done->unchanged) return {};
  session.out(shown + ": " + contents(done->bindings, done->keys, done->signers) +
              (options.dry_run ? ", not imported: --dry-run" : "") + "\n");
  return {};
}

Status signer(const Session& session, const std::string& out) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const bool there, has_site_certificate(keystore));
  if (there) session.mark_unchanged();
  SG_TRY(const Certificate certificate, site_certificate(keystore));
  SG_TRY(const std::string pem, certificate_pem(*certificate));
  SG_TRY(CertificateView own, view_certificate(pem));
  if (session.dry_run && !there) own.fingerprint.clear();  // it will be another
  SG_CHECK(write_certificate_file(session, out, pem));
  session.answer("bundle-signer",
                 nlohmann::ordered_json::object({{"fingerprint", text_or_null(own.fingerprint)}}));
  if (session.dry_run && !there) {
    session.tell("made", "the certificate that bundles are signed by");
  } else if (out != "-" || session.dry_run) {
    session.out("bundles are signed by " + own.fingerprint + "\n");
    if (session.dry_run) session.out("not done: --dry-run\n");
  }
  return {};
}

void add_export(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("export", "Write what some nodes need");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("--node", options->nodes, "Certificates of the nodes that may open it")
      ->required()
      ->type_name("CERT");
  command->add_option("--only", options->only, "These bindings; all unless given")
      ->type_name("BINDING");
  command->add_option("--out", options->out, "The bundle")->required()->type_name("FILE");
  command->add_flag("--force", options->force, "Overwrite the file");
  options->clock.offer(command);
  command->footer(R"(
One CMS message, signed by this keystore's site key and encrypted (AES-256-GCM) for each node: the
bindings, the keys and signers that they name, trust anchors and revocation data, and revoked digests.
A lost node gets nothing new once its certificate is left out, but it keeps what it has: rotate
its keys and encrypt the images again.
All bindings that match an image must allow: --only also includes other bindings that may match images
of the named ones, limited to these images if patterns can express that. (Bindings that match them
under another name, through a symbolic link, are not included: name those, too.)
If the clock is before the last export, or more than half a year after the last record here, it ends
with 75.
  sifctl bundle export --node node1.pem node2.pem --out cluster.bundle
  sifctl bundle export --node gpu1.pem --only lolcow --out gpu.bundle)");
  session.on_change(command, [&session, options] { return export_one(session, *options); });
}

}  // namespace

void add_bundle_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("bundle", "Content of this keystore for nodes");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_export(*group, session);
  auto* command = group->add_subcommand("import", "Replace the keystore's content by a bundle's");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("file", options->file, "The bundle")->required()->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "Open and check it, and change nothing");
  options->clock.offer(command);
  command->footer(R"(
Keys, signers, trust, images.yaml and revoked digests are replaced in one step by those of the bundle;
the store key, this node's key, and the accepted signers of bundles stay. A bundle that is not newer than
the last one of its signer or store is refused, unless it is the same one. What was finally revoked or
destroyed here stays so: keys, signers, subkeys of OpenPGP keys, images. The command says this, and what
the bundle undoes (a retired signer, a suspended key, an image that an earlier bundle revoked), also with
--dry-run. Launches see the old keystore or the new one.
  sifctl bundle import cluster.bundle
Exit status: 0 done, or done before; 65 refused; 75 its time is in the future by this node's clock.)");
  session.on_change(command, [&session, options] { return import_one(session, *options); });
  add_bundle_list(*group, session);
  command = group->add_subcommand("signer", "The certificate that bundles made here are signed by");
  const auto out = std::make_shared<std::string>();
  command->add_option("--out", *out, "Write it there; - is stdout")->type_name("FILE");
  command->footer("\nMade when it is first asked for.\n  sifctl bundle signer --out site.pem");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, out] { return signer(session, *out); });
}

}  // namespace sifguard
