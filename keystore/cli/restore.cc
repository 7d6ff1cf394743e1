// sifctl restore: a keystore from a backup. Runs with the rights of the admin.
#include "keystore/cli/restore.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/backup/restore.h"
#include "keystore/backup/sealed_file.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/cli/backup.h"
#include "keystore/cli/confirm.h"
#include "keystore/cli/init.h"
#include "keystore/cli/password.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxBackup = (std::size_t{1} << 30U) + (64UL << 20U);

struct RestoreOptions {
  std::string file, seal;
  bool dry_run = false;
  bool yes = false;
  PasswordSource password;
};

Result<Backup> open_backup(const RestoreOptions& options) {
  SG_TRY(const std::string file, read_input_text(options.file, kMaxBackup));
  SG_TRY(const SecretBytes password, options.password.read(options.file));
  SG_TRY(SealedContent content, open_sealed_file(password, as_bytes(file)));
  Backup backup;
  SG_TRY(backup.key.id, store_key_id(content.secret));
  backup.key.secret = std::move(content.secret);
  SG_TRY(backup.archive, decode_archive(content.body));
  return backup;
}

/// As it was, unless something else is wished.
Result<SealWish> seal_of(const RestoreOptions& options, const Seal& before) {
  if (!options.seal.empty()) return parse_seal_wish(options.seal);
  const bool inside = before.method == SealMethod::file && before.where.front() != '/';
  return SealWish{before.method, inside ? std::string() : before.where};
}

std::string state_of(const KeyRecord& key) {
  return std::string(key_state_name(key.state));
}

/// What was done since the backup to keep somebody out, and what the restore would undo.
std::vector<std::string> undone(const Keystore& now, const Backup& backup,
                                const BackupContents& contents) {
  std::vector<std::string> notes;
  const auto keys = now.keys();
  const auto signers = now.signers();
  if (!keys || !signers) return {"the keystore that is replaced cannot be read, nor compared"};
  for (const KeyRecord& key : *keys) {
    for (const KeyRecord& old : contents.keys) {
      if (old.id == key.id && decrypts(old.state) && !decrypts(key.state)) {
        notes.push_back("the key '" + key.name + "', now " + state_of(key) + ", is " +
                        state_of(old) + " in the backup");
      }
    }
  }
  for (const SignerRecord& signer : *signers) {
    for (const SignerRecord& old : contents.signers) {
      if (old.id == signer.id && signer.state == SignerState::revoked &&
          old.state != SignerState::revoked) {
        notes.push_back("the signer " + signer.id + ", now revoked, is " +
                        std::string(signer_state_name(old.state)) + " in the backup");
      }
    }
  }
  const auto revoked = revoked_digests(now);
  const ArchiveFile* const file = backup.archive.find(kRevokedDigests);
  const Result<std::vector<RevokedDigest>> old =
      file == nullptr ? std::vector<RevokedDigest>()
                      : parse_revoked(as_text(file->content), kRevokedDigests);
  if (!revoked || !old) return notes;
  for (const RevokedDigest& one : *revoked) {
    const bool there = std::any_of(old->begin(), old->end(), [&](const RevokedDigest& other) {
      return other.digest == one.digest;
    });
    if (!there) notes.push_back("the image " + one.digest + ", now revoked, is not in the backup");
  }
  return notes;
}

/// `done`: nullptr for --dry-run.
void tell(const Session& session, const RestorePlan& plan, const Backup& backup,
          const BackupContents& contents, const std::vector<std::string>& notes,
          const Restored* done) {
  if (session.json) {
    auto object = contents_to_json(backup, contents);
    object["undone"] = notes;
    object["kept"] = done == nullptr ? "" : done->kept;
    session.print_json(object);
    return;
  }
  session.out("backup of " + format_utc(backup.archive.created) + ": " +
              describe_contents(contents) + "\n");
  if (done == nullptr) {
    session.out(printable(plan.directory) + " stays as it is: --dry-run\n");
    return;
  }
  session.out("restored: " + printable(plan.directory) +
              "\nstore key: " + printable(shown_seal(plan.directory, done->seal)) + "\n");
  if (done->kept.empty()) return;
  session.out("the keystore of before, with its keys, is " + printable(done->kept) +
              ": remove it once all works\n");
}

Status restore(const Session& session, const RestoreOptions& options) {
  RestorePlan plan;
  SG_TRY(plan.directory, session.absolute_keystore_directory());
  plan.trust = Session::trust();
  SG_TRY(const bool replace, check_restore_place(plan));
  SG_TRY(const Backup backup, open_backup(options));
  SG_TRY(const BackupContents contents, read_contents(backup));
  SG_TRY(plan.seal, seal_of(options, contents.seal));
  std::vector<std::string> notes;
  if (replace) {
    const auto now = Keystore::open(plan.directory, plan.trust);
    notes = now ? undone(*now, backup, contents)
                : std::vector{std::string("the keystore that is replaced cannot be opened")};
  }
  for (const std::string& note : notes) session.note(note);
  if (options.dry_run) {
    tell(session, plan, backup, contents, notes, nullptr);
    return {};
  }
  if (replace && !options.yes) {
    SG_CHECK(confirm("The keystore " + plan.directory + " is replaced by the backup; it stays as " +
                         kept_directory(plan.directory) + ".",
                     "restore"));
  }
  SG_TRY(const Restored done, restore_backup(backup, plan));
  tell(session, plan, backup, contents, notes, &done);
  return {};
}

}  // namespace

void add_restore_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("restore", "Make the keystore what it was in a backup");
  command->footer(R"(
The backup is decrypted and judged as a whole before anything is written; then the keystore is
exchanged at once: launches see the old or the new one. The old one stays beside it, as
KEYSTORE.before-restore. The store key is kept as it was, sealed anew for this host, or as --seal says.
What was revoked since the backup is told: revoke it again. The log of changes goes on, break-glass
grants are as they are now, and a bundle older than the last one taken is still refused.
  sifctl restore /root/keystore.backup --dry-run
  sifctl restore /root/keystore.backup
  sifctl --keystore /srv/sifguard/keystore restore keystore.backup --seal systemd-creds:host)");
  const auto o = std::make_shared<RestoreOptions>();
  command->add_option("file", o->file, "What sifctl backup wrote")->required()->type_name("FILE");
  o->password.offer(command);
  command->add_option("--seal", o->seal, "How the store key is kept from now on")
      ->type_name("file[:/PATH]|systemd-creds[:host|tpm2]|pkcs11:URI");
  command->add_flag("--dry-run", o->dry_run, "Judge the backup, and change nothing");
  command->add_flag("--yes", o->yes, "Do not ask");
  session.offer_json(command);
  session.on(command, [&session, o] { return restore(session, *o); });
}

}  // namespace sifguard
