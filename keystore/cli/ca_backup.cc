// sifctl ca backup|restore. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <algorithm>
#include <memory>

#include "keystore/backup/ca_backup.h"
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

struct Wish {
  std::string file, fingerprint;
  PasswordSource password;
  TokenUris tokens;
  bool force = false, yes = false;
};

Status back_up(const Session& session, const Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  if (!wish.force) SG_CHECK(check_absent(wish.file));
  const AskPassword ask = [&] { return wish.password.read_new(wish.file); };
  SG_TRY(const std::string text, back_up_ca(keystore, ask, ::time(nullptr)));
  SG_TRY(OutputFile file, OutputFile::stage(wish.file, as_bytes(text), 0600, wish.force));
  SG_CHECK(file.publish());
  file.keep();
  session.out("wrote " + printable(wish.file) + "\n");
  return {};
}

Result<std::string> clean_fingerprint(const std::string& typed) {
  const std::string text = to_lower(pasted_hex(typed));
  if (typed.empty() || is_lower_hex(text, kFingerprintDigits)) return text;
  return fail(Code::usage, "not a SHA-256 fingerprint: '" + printable(typed, 100) + "'",
              "give the 64 digits that sifctl ca show or openssl x509 -fingerprint -sha256 shows");
}

/// Where there is no CA yet, and no fingerprint to know the right one by.
Status confirm_root(const Session& session, const Wish& wish, const SeenRoot& root) {
  session.note("the root of this backup of " + format_utc(root.made) + " is '" + root.subject +
               "', SHA-256 " + root.fingerprint);
  if (wish.yes) return {};
  return confirm("Compare this root with the one that nodes trust: from now on it is the CA.",
                 "restore", "give --fingerprint, or --yes to take whichever root it is");
}

Status restore(const Session& session, const Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  CaRestoreWish how;
  SG_TRY(how.fingerprint, clean_fingerprint(wish.fingerprint));
  how.ask = [&] { return wish.password.read(wish.file); };
  how.tokens = wish.tokens;
  how.confirm = [&](const SeenRoot& root) { return confirm_root(session, wish, root); };
  SG_TRY(const std::string text, read_input_text(wish.file, kMaxCaBackup));
  auto done = restore_ca(keystore, text, how);
  if (!done) {
    Error error = name_file_kind(std::move(done).error(), text, WantedFile::authority_backup);
    return tl::unexpected(std::move(error).prepend(wish.file));
  }
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
        "what was issued after the backup is unknown here; sifctl ca revoke FILE still takes "
        "such a certificate");
  }
  return {};
}

}  // namespace

void add_ca_backup(CLI::App& group, Session& session) {
  auto* saving =
      group.add_subcommand("backup", "Write the CA, its keys under a password, to a file");
  saving->footer(R"(
The whole file is encrypted and authenticated under the password (scrypt, AES-256-GCM), of 8 characters or
more. Keys in tokens are not in it: see to a copy of them by the token's own means. Without any other key no
password is asked for; the file is in clear then, signed by the root, and a restore wants its fingerprint.
  sifctl ca backup --out ca-2026-11.backup --password-file pw)");
  const auto wish = std::make_shared<Wish>();
  saving->add_option("--out", wish->file, "Where to write")->required()->type_name("FILE");
  wish->password.offer(saving);
  saving->add_flag("--force", wish->force, "Overwrite the file");
  session.on_change(saving, [&session, wish] { return back_up(session, *wish); });

  auto* restoring = group.add_subcommand("restore", "Bring a CA back from a backup");
  restoring->footer(R"(
Into a keystore without a CA, or with the same one: then the two are merged, and what was issued or revoked
since the backup stays so. Without a CA, the backup's root is shown and has to be confirmed, or named by
its fingerprint: keep that elsewhere than the backup. A file that no password protects as a whole (of keys
in tokens, or of an older sifctl) is taken by fingerprint alone. A key that is in a token is named anew
where the keystore does not know it.
  sifctl ca restore ca-2026-11.backup --password-file pw --fingerprint 5F:0C:…
  sifctl ca restore ca-2026-11.json --fingerprint 5f0c… --pkcs11 'pkcs11:token=ca;object=root?pin-source=file:/etc/sifguard/pin')");
  const auto old = std::make_shared<Wish>();
  restoring->add_option("file", old->file, "What backup wrote")->required()->type_name("FILE");
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
