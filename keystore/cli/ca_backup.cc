// sifctl ca backup|restore. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <memory>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/ca/backup.h"
#include "keystore/cli/ca.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/password.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

struct Wish {
  std::string file;
  PasswordSource password;
  TokenUris tokens;
  bool force = false;
};

Status back_up(const Session& session, const Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  if (!wish.force) SG_CHECK(check_absent(wish.file));
  const AskPassword ask = [&]() -> Result<SecretBytes> {
    SG_TRY(SecretBytes password, wish.password.read_new(wish.file));
    SG_CHECK(check_pfx_password(password));
    return password;
  };
  SG_TRY(const std::string text, back_up_ca(keystore, ask, ::time(nullptr)));
  SG_TRY(OutputFile file, OutputFile::stage(wish.file, as_bytes(text), 0600, wish.force));
  SG_CHECK(file.publish());
  file.keep();
  session.out("wrote " + printable(wish.file) + "\n");
  return {};
}

Status restore(const Session& session, const Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string text, read_input_text(wish.file, kMaxBackup));
  const AskPassword ask = [&] { return wish.password.read(wish.file); };
  auto done = restore_ca(keystore, text, ask, wish.tokens);
  if (!done) return tl::unexpected(std::move(done).error().prepend(wish.file));
  session.out("restored the CA of " + format_utc(done->made) + ": " +
              std::to_string(done->changes) + " certificates added or revoked, " +
              std::to_string(done->issued) + " known\n");
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
The keys are in there as encrypted PKCS#8, the rest in clear, signed by the root. Keys in tokens are not:
see to a copy of them by the token's own means; without any other key no password is asked for.
  sifctl ca backup --out ca-2026-11.json --password-file pw)");
  const auto wish = std::make_shared<Wish>();
  saving->add_option("--out", wish->file, "Where to write")->required()->type_name("FILE");
  wish->password.offer(saving);
  saving->add_flag("--force", wish->force, "Overwrite the file");
  session.on(saving, [&session, wish] { return back_up(session, *wish); });

  auto* restoring = group.add_subcommand("restore", "Bring a CA back from a backup");
  restoring->footer(R"(
Into a keystore without a CA, or with the same one: then the two are merged, and what was issued or revoked
since the backup stays so. A key that is in a token is named anew where the keystore does not know it.
  sifctl ca restore ca-2026-11.json --password-file pw
  sifctl ca restore ca-2026-11.json --pkcs11 'pkcs11:token=ca;object=root?pin-source=file:/etc/sifguard/pin')");
  const auto old = std::make_shared<Wish>();
  restoring->add_option("file", old->file, "What backup wrote")->required()->type_name("FILE");
  old->password.offer(restoring);
  restoring->add_option("--pkcs11", old->tokens.root, "Where the root's key is, in a token")
      ->type_name("URI");
  restoring
      ->add_option("--intermediate-pkcs11", old->tokens.intermediate,
                   "Where the intermediate's key is, in a token")
      ->type_name("URI");
  session.on(restoring, [&session, old] { return restore(session, *old); });
}

}  // namespace sifguard
