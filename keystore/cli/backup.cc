// sifctl backup: the whole keystore in one file under a password. Runs with the rights of the
// admin. The store key goes with it, however it is sealed: else the backup would be of no use
// where it is wanted, on another host.
#include "keystore/cli/backup.h"

#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/backup/password_file.h"
#include "keystore/base/text.h"
#include "keystore/ca/authority.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"
#include "keystore/store/images_file.h"

namespace sifguard {
namespace {

struct BackupOptions {
  std::string out;
  bool force = false;
  PasswordSource password;
};

std::size_t count_bindings(const BackupContents& contents) {
  const auto policy = parse_policy(contents.images);
  return policy ? policy->bindings.size() : 0;
}

std::size_t count_private(const BackupContents& contents, bool in_token) {
  return static_cast<std::size_t>(std::count_if(
      contents.keys.begin(), contents.keys.end(),
      [&](const KeyRecord& key) { return key.has_private && key.token.empty() != in_token; }));
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// One state: nobody changes the policy or a key between its first file and its last.
Result<Backup> collect_locked(const Keystore& keystore) {
  SG_TRY(const FileLock images, lock_images(keystore));
  SG_TRY(const FileLock held, keystore.lock());
  return collect_backup(keystore, ::time(nullptr));
}

/// It is taken as it is: it may be all that is left.
void note_damaged_ca(const Session& session, const Keystore& keystore) {
  const auto place = ca_place(keystore);
  if (!place || *place == CaPlace::free) return;
  if (const Status whole = check_whole(keystore); !whole) session.note(whole.error().line());
}

Status backup(const Session& session, const BackupOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(OutputFile::try_out(options.out, options.force));
  SG_TRY(const SecretBytes password, options.password.read_new("the backup"));
  SG_TRY(const Backup taken, collect_locked(keystore));
  auto contents = read_contents(taken);
  if (!contents) {
    return fail(Code::config, contents.error().what(), "sifctl doctor says more");
  }
  if (const auto ca = check_ca_in(taken); !ca) {
    session.note(ca.error().what() + ": sifctl ca restore will not take it out of this one");
  } else {
    note_damaged_ca(session, keystore);
  }
  SG_TRY(const auto body, encode_archive(taken.archive));
  SG_TRY(const auto file, seal_file(password, taken.key.secret, body));
  SG_TRY(OutputFile out, OutputFile::stage(options.out, file, 0600, options.force));
  SG_CHECK(out.publish());
  out.keep();
  auto object = contents_to_json(taken, *contents);
  object["file"] = options.out;
  session.answer("backup", std::move(object));
  session.out("backup written: " + printable(options.out) + ", " + describe_contents(*contents) +
              "\n" + describe_reach(taken, *contents) + "\n");
  return {};
}

}  // namespace

std::string describe_contents(const BackupContents& contents) {
  return counted(contents.keys.size(), "key") + ", " + counted(contents.signers.size(), "signer") +
         ", " + counted(count_bindings(contents), "binding") +
         (contents.ca ? ", the CA '" + printable(contents.ca->subject) + "', SHA-256 " +
                            contents.ca->fingerprint
                      : "");
}

nlohmann::ordered_json contents_to_json(const Backup& taken, const BackupContents& contents) {
  return {{"created", format_utc(taken.archive.created)},
          {"keys", contents.keys.size()},
          {"signers", contents.signers.size()},
          {"bindings", count_bindings(contents)},
          {"private_keys", count_private(contents, false)},
          {"token_keys", count_private(contents, true)},
          {"ca_root", contents.ca ? nlohmann::ordered_json(contents.ca->fingerprint)
                                  : nlohmann::ordered_json(nullptr)}};
}

std::string describe_reach(const Backup& taken, const BackupContents& contents) {
  const bool has_ca = taken.archive.find("ca/authorities/root/private.key") != nullptr;
  std::string text = "with its password it opens " +
                     counted(count_private(contents, false), "private key") +
                     (has_ca ? " and what the CA has" : "") + ", on any host";
  if (const std::size_t tokens = count_private(contents, true); tokens > 0) {
    text += "; not " + counted(tokens, "key") + " in tokens";
  }
  return text;
}

void add_backup_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("backup", "Write the whole keystore to one file");
  command->footer(R"(
Keys, signers, certificates, bindings, the CA and the store key, in one state, encrypted under a password
(scrypt, AES-256-GCM). Somebody with the file and its password has every private key, even if the store
key is sealed by a TPM or a token: keep the two apart. The backup does not contain keys in tokens.
sifctl restore restores the whole keystore, sifctl ca restore only the CA.
  sifctl backup --out /root/keystore.backup
  sifctl backup --out /root/keystore.backup --force --password-file /root/backup.password)");
  const auto o = std::make_shared<BackupOptions>();
  command->add_option("--out", o->out, "Where to write it")->required()->type_name("FILE");
  command->add_flag("--force", o->force, "Overwrite a file that is there");
  o->password.offer(command);
  session.on_change(command, [&session, o] { return backup(session, *o); });
}

}  // namespace sifguard
