// sifctl ca restore. Runs with the rights of the admin of the CA's host.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/backup/ca_restore.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/confirm.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/store/meta.h"

namespace sifguard {
namespace {

constexpr std::size_t kFingerprintDigits = 64;

struct CaRestoreCommandOptions {
  std::string file, fingerprint;
  PasswordSource password;
  TokenUris tokens;
  bool yes = false;
};

Result<std::string> clean_fingerprint(const std::string& typed) {
  const std::string text = to_lower(pasted_hex(typed));
  if (typed.empty() || is_lower_hex(text, kFingerprintDigits)) return text;
  return fail(Code::usage, "not a SHA-256 fingerprint: '" + printable(typed, 100) + "'",
              "give the 64 digits that sifctl ca show or openssl x509 -fingerprint -sha256 shows");
}

/// Where there is no CA yet, and no fingerprint to know the right one by.
Status confirm_root(const Session& session, const CaRestoreCommandOptions& options,
                    const SeenRoot& root) {
  session.note("the root of this backup of " + format_utc(root.made) + " is '" + root.subject +
               "', SHA-256 " + root.fingerprint);
  if (options.yes) return {};
  return confirm("Compare this root with the one that nodes trust: from now on it is the CA.",
                 "restore", "give --fingerprint, or --yes to take whichever root it is");
}

Status restore(const Session& session, const CaRestoreCommandOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  CaRestoreOptions how;
  SG_TRY(how.fingerprint, clean_fingerprint(options.fingerprint));
  how.ask = [&] { return options.password.read(options.file); };
  how.tokens = options.tokens;
  how.confirm = [&](const SeenRoot& root) { return confirm_root(session, options, root); };
  SG_TRY(const std::string text, read_input_text(options.file, kMaxBackupFile));
  auto done = restore_ca(keystore, text, how);
  if (!done) {
    Error error = name_file_kind(std::move(done).error(), text, WantedFile::authority_backup);
    return tl::unexpected(std::move(error).prepend(options.file));
  }
  session.answer("ca-restore", {{"subject", done->root.subject},
                                {"sha256", done->root.fingerprint},
                                {"made", format_utc(done->root.made)},
                                {"changes", done->changes},
                                {"issued", done->issued}});
  session.out("root " + one_line(done->root.subject) + "\nSHA-256 " + done->root.fingerprint +
              "\nrestored the CA of " + format_utc(done->root.made) + ": " +
              std::to_string(done->changes) + " certificates added or revoked, " +
              std::to_string(done->issued) + " known\n");
  if (!done->damaged_index.empty()) {
    session.note("the index that was here could not be read; it is " +
                 printable(done->damaged_index) +
                 " now: what it says of revocations since has to "
                 "be revoked again");
  }
  if (!done->was_there) {
    session.note(
        "what was issued or revoked after the backup is unknown here: revoke again what was "
        "revoked since; sifctl ca revoke FILE takes a certificate that was issued since");
  }
  return {};
}

/// Its name of before, which scripts may still call: it says what to call now.
void add_former_name(CLI::App& group, Session& session) {
  auto* former =
      group.add_subcommand("backup", "Now sifctl backup, which has the CA with the rest");
  former->group("");
  const auto ignored = std::make_shared<std::string>();
  former->add_option("--out,--password-file,--password-fd", *ignored)->take_last();
  former->add_flag("--force");
  session.on_read(former, [ignored]() -> Status {
    return fail(Code::usage, "sifctl ca backup is no more: every backup of the keystore has its CA",
                "sifctl backup --out FILE; sifctl ca restore FILE takes the CA alone out of it");
  });
}

}  // namespace

void add_ca_restore(CLI::App& group, Session& session) {
  add_former_name(group, session);
  auto* restoring = group.add_subcommand("restore", "Restore the CA from a backup");
  restoring->footer(R"(
This restores only the CA from a backup of the keystore, into a keystore without a CA, or with the same
one. In the latter case the two are merged, and what was issued or revoked since the backup stays so.
Without a CA, the backup's root is shown and must be confirmed, or given by its fingerprint: keep that
apart from the backup. Keys in tokens are not in a backup; --pkcs11 says where a key is now, if it is in
another token. Files of the earlier command sifctl ca backup are accepted, too, but one that no password
protects as a whole only by its fingerprint.
  sifctl ca restore keystore.backup --password-file pw --fingerprint 5F:0C:…
  sifctl ca restore ca-2026-11.json --fingerprint 5f0c… --pkcs11 'pkcs11:token=ca;object=root?pin-source=file:/etc/sifguard/pin')");
  const auto old = std::make_shared<CaRestoreCommandOptions>();
  restoring->add_option("file", old->file, "What sifctl backup wrote")
      ->required()
      ->type_name("FILE");
  old->password.offer(restoring);
  restoring->add_option("--pkcs11", old->tokens.root, "Where the root's key is, in a token")
      ->type_name("URI");
  restoring
      ->add_option("--intermediate-pkcs11", old->tokens.intermediate,
                   "Where the intermediate's key is, in a token")
      ->type_name("URI");
  restoring->add_option("--fingerprint", old->fingerprint, "The root's: SHA-256 of its certificate")
      ->type_name("HEX");
  restoring->add_flag("--yes", old->yes, "Take whichever root the backup has, and do not ask");
  session.on_change(restoring, [&session, old] { return restore(session, *old); });
}

}  // namespace sifguard
