// sifctl restore: a keystore from a backup. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/backup/older_backup.h"
#include "keystore/backup/password_file.h"
#include "keystore/backup/restore.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/cli/backup.h"
#include "keystore/cli/confirm.h"
#include "keystore/cli/init.h"
#include "keystore/cli/password.h"
#include "keystore/cli/pgp_merge_program.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

struct RestoreOptions {
  std::string file, seal;
  bool dry_run = false;
  bool yes = false;
  PasswordSource password;
};

Result<Backup> open_backup(const RestoreOptions& options) {
  SG_TRY(const std::string file, read_input_text(options.file, kMaxBackupFile));
  SG_TRY(const SecretBytes password, options.password.read(options.file));
  auto opened = open_sealed_file(password, as_bytes(file));
  if (!opened) {
    return tl::unexpected(name_file_kind(std::move(opened).error(), file, WantedFile::backup));
  }
  SealedContent content = *std::move(opened);
  if (!is_archive(content.body)) {
    return fail(Code::refused, options.file + ": the backup of a CA alone, of an older sifctl",
                "sifctl ca restore takes it");
  }
  Backup backup;
  SG_TRY(backup.key.id, store_key_id(content.secret));
  backup.key.secret = std::move(content.secret);
  SG_TRY(backup.archive, decode_archive(content.body, "the backup"));
  (void)backup.archive.hold(std::move(content.body));
  SG_CHECK(use_newer_names(backup.archive));
  return backup;
}

/// As it was, unless something else is asked for.
Result<SealOptions> seal_of(const RestoreOptions& options, const Seal& before) {
  if (!options.seal.empty()) return parse_seal_options(options.seal);
  const bool inside = before.method == SealMethod::file && before.where.front() != '/';
  return SealOptions{before.method, inside ? std::string() : before.where};
}

/// `done`: nullptr for --dry-run.
void tell(const Session& session, const RestorePlan& plan, const Backup& backup,
          const BackupContents& contents, const Undone& undone, const Restored* done) {
  const bool kept = done != nullptr && !done->kept.empty();
  auto object = contents_to_json(backup, contents);
  object["undone"] = undone.lines;
  object["taken_over"] = undone.kept;
  object["kept"] = kept ? nlohmann::ordered_json(done->kept) : nullptr;
  session.answer("restore", std::move(object));
  session.out("backup of " + format_utc(backup.archive.created) + ": " +
              describe_contents(contents) + "\n");
  if (done == nullptr) {
    session.out(printable(plan.directory) + " stays as it is: --dry-run\n");
    return;
  }
  session.out("restored: " + printable(plan.directory) +
              "\nstore key: " + printable(shown_seal(plan.directory, done->seal)) + "\n");
  if (done->kept.empty()) return;
  session.out("the replaced keystore, with its keys, is " + printable(done->kept) +
              ": keep it as long as it may have keys that are nowhere else\n");
}

Status restore(const Session& session, const RestoreOptions& options) {
  RestorePlan plan;
  SG_TRY(plan.directory, session.absolute_keystore_directory());
  plan.trust = Session::trust();
  plan.merge = merge_in_sandbox;
  SG_TRY(const bool replace, check_restore_place(plan));
  SG_TRY(const Backup backup, open_backup(options));
  SG_TRY(const BackupContents contents, read_contents(backup));
  SG_TRY(plan.seal, seal_of(options, contents.seal));
  Undone undone;
  if (replace) {
    const auto now = Keystore::open(plan.directory, plan.trust);
    undone = undone_by_restore(now ? &*now : nullptr, backup, contents, plan.merge);
  }
  for (const std::string& line : undone.lines) session.note(line);
  for (const std::string& line : undone.kept) session.note(line);
  if (!undone.kept.empty()) session.note("what is revoked or newer here than there stays so");
  plan.agreed = undone.lines;
  if (options.dry_run) {
    tell(session, plan, backup, contents, undone, nullptr);
    return {};
  }
  if (replace && !options.yes) {
    SG_CHECK(confirm("The keystore " + plan.directory + " is replaced by the backup; it stays as " +
                         kept_directory(plan.directory) + ".",
                     "restore"));
  }
  SG_TRY(const Restored done, restore_backup(backup, plan));
  tell(session, plan, backup, contents, undone, &done);
  return {};
}

}  // namespace

void add_restore_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("restore", "Restore the keystore from a backup");
  command->footer(R"(
The backup is decrypted and checked completely before anything is written; then the keystore is
exchanged atomically: launches see the old or the new one. The old one stays beside it, as
KEYSTORE.before-restore. The store key is kept as before, sealed again for this host, or as --seal says.
The command first shows, also with --dry-run, what it undoes: keys and signers that count again, bindings,
trusted roots and sources, published images. Revoked signers and images, final statements of OpenPGP keys,
newer revocation lists, and what the same CA issued and revoked are taken over; the log of changes continues,
break-glass grants stay as they are now, and a bundle older than the last imported one is still refused.
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
  session.on_change(command, [&session, o] { return restore(session, *o); });
}

}  // namespace sifguard
