// sifctl init and reseal: makes a keystore, and puts it under another store key. Runs with the
// rights of the admin.
#include "keystore/cli/init.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"
#include "keystore/store/left_reseal.h"

namespace sifguard {
namespace {

constexpr const char* kSealHelp = "How the store key is kept";
constexpr const char* kSealType = "file[:/PATH]|systemd-creds[:host|tpm2]|pkcs11:URI";

nlohmann::ordered_json to_json(const std::string& directory, const std::string& shown) {
  return {{"keystore", directory}, {"store_key", shown}};
}

/// The name of a file in the keystore is that of the key, which a dry run does not keep.
std::string shown_planned(const Session& session, const std::string& directory, const Seal& seal) {
  const bool unknown =
      session.dry_run && seal.method == SealMethod::file && seal.where.front() != '/';
  return unknown ? "a new file in " + directory : shown_seal(directory, seal);
}

Status init(const Session& session, const std::string& typed) {
  SG_TRY(const SealOptions options, parse_seal_options(typed));
  SG_TRY(const std::string directory, session.absolute_keystore_directory());
  SG_TRY(const Keystore::Init made, Keystore::init(directory, Session::trust(), options));
  session.answer("keystore", to_json(directory, shown_seal(directory, made.seal)));
  if (!made.created) {
    session.unchanged(directory + " is a keystore already");
    return {};
  }
  session.out("keystore made: " + printable(directory) + "\n");
  session.out("store key: " + printable(shown_seal(directory, made.seal)) + "\n");
  session.out(kBackupWanted);
  return {};
}

/// The way that is used now.
Result<SealOptions> same_as_now(const Keystore& keystore) {
  SG_TRY(const auto seals, keystore.seals());
  const Seal& now = seals.front();
  if (now.method != SealMethod::file) return SealOptions{now.method, now.where};
  if (now.where.front() != '/') return SealOptions{};
  if (seals.size() > 1) return SealOptions{now.method, now.where};  // begun, and not finished
  return fail(Code::usage, "no reseal is unfinished: the store key is in the file " + now.where,
              "say where the new one goes: --seal file:/PATH, or --seal file");
}

std::string answer_no_new_key(const Session& session, const Keystore& keystore, const Seal& used) {
  std::string shown = shown_seal(keystore.directory(), used);
  auto object = to_json(keystore.directory(), shown);
  object["private_keys"] = 0;
  session.answer("reseal", std::move(object));
  return shown;
}

void tell_abandoned(const Session& session, const Keystore::Resealed& done) {
  if (!done.abandoned) return;
  session.note("an interrupted reseal had made the store key " + done.abandoned->where +
               ", which this keystore does not use: remove it if no other keystore does");
}

/// As asked for, by an earlier run.
Status tell_already(const Session& session, const Keystore& keystore,
                    const Keystore::Resealed& done) {
  const std::string shown = answer_no_new_key(session, keystore, done.seal);
  session.unchanged("all private keys are under " + printable(shown));
  tell_abandoned(session, done);
  session.note("a new store key in a file needs another path: --seal file:/PATH, or --seal file");
  return {};
}

/// The store key stays: an interrupted run had come to its end, but for removing what was left.
Status tell_finished(const Session& session, const Keystore& keystore) {
  SG_TRY(const auto seals, keystore.seals());
  const std::string shown = answer_no_new_key(session, keystore, seals.front());
  const std::string what = "an interrupted reseal: all private keys are under " + printable(shown);
  session.tell("finished", what);
  return {};
}

Status reseal(const Session& session, const std::string& typed) {
  SG_TRY(Keystore keystore, session.keystore());
  const auto options = typed.empty() ? same_as_now(keystore) : parse_seal_options(typed);
  if (!options && typed.empty()) {
    SG_TRY(const bool finished, finish_reseal(keystore));
    if (finished) return tell_finished(session, keystore);
  }
  if (!options) return tl::unexpected(options.error());
  SG_TRY(const auto done, keystore.reseal(*options));
  if (done.already) return tell_already(session, keystore, done);
  const std::string shown = shown_planned(session, keystore.directory(), done.seal);
  auto object = to_json(keystore.directory(), shown);
  object["private_keys"] = done.private_keys;
  session.answer("reseal", std::move(object));
  const bool one = done.private_keys == 1;
  const std::string count = std::to_string(done.private_keys) + " private key" + (one ? "" : "s");
  const std::string under = "under a new store key: " + printable(shown);
  session.tell_as(count + (one ? " is " : " are ") + under, "put under a new store key",
                  count + ", " + printable(shown));
  tell_abandoned(session, done);
  if (session.dry_run) return {};
  for (const Seal& old : done.left_behind) {
    if (old.method != SealMethod::file) continue;
    session.note(
        "the old store key opens copies of the keystore as it was, such as one that a restore "
        "replaced: once none is needed, remove " +
        old.where);
  }
  return {};
}

}  // namespace

std::string shown_seal(const std::string& directory, const Seal& seal) {
  if (seal.method == SealMethod::file && seal.where.front() != '/') {
    return "the file " + directory + "/" + seal.where;
  }
  return describe_seal(seal);
}

void add_init_commands(CLI::App& app, Session& session) {
  auto* make = app.add_subcommand("init", "Make a new, empty keystore");
  make->footer(R"(
An existing keystore is left unchanged. The directory above must exist.
Private keys are encrypted under a store key, which is in a file that only root can read, in the keystore
or elsewhere; or sealed by systemd-creds, for this host's key or its TPM; or wrapped for an RSA key in a
PKCS#11 token. Unless its file is in the keystore, a copy of the keystore opens nothing.
  sifctl init
  sifctl init --seal file:/etc/sifguard/store.key
  sifctl init --seal systemd-creds:tpm2
  sifctl init --seal 'pkcs11:token=site;object=sifguard?pin-source=file:/etc/sifguard/pin'
  sifctl --keystore /srv/sifguard/keystore init)");
  const auto options = std::make_shared<std::string>("file");
  make->add_option("--seal", *options, kSealHelp)->type_name(kSealType)->capture_default_str();
  session.on_change(make, [&session, options] { return init(session, *options); });

  auto* anew = app.add_subcommand("reseal", "Encrypt all private keys under a new store key");
  anew->footer(R"(
This makes a new store key, kept as --seal says or in the same way as now, encrypts every private key
under it, and removes the old one. It includes private keys that an older sifguard left unencrypted.
If it is interrupted, launches go on as before, and a backup waits: run it again.
  sifctl reseal
  sifctl reseal --seal systemd-creds)");
  const auto other = std::make_shared<std::string>();
  anew->add_option("--seal", *other, kSealHelp)->type_name(kSealType);
  Session::offer_dry_run(anew);
  session.on_change(anew, [&session, other] { return reseal(session, *other); });
}

}  // namespace sifguard
