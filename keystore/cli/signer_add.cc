// sifctl signer add: adds a public key or certificate. Runs with the rights of the admin; an
// OpenPGP key is read in a sandbox.
#include "keystore/cli/commands.h"

#include <memory>

#include "keystore/cli/session.h"
#include "keystore/cli/signer_file.h"
#include "keystore/cli/signer_output.h"

namespace sifguard {
namespace {

Status add(Session& session, const SignerFile& given) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const NewSigner signer, read_signer_file(keystore, given));
  SG_CHECK(store_signer(session, keystore, signer));
  return note_unfit_signer(session, keystore, signer, given.file);
}

}  // namespace

void add_signer_add(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("add", "Add a public key or a certificate");
  command->footer(R"(
The file is an OpenPGP key, a raw public key (RSA, ECDSA or Ed25519), or a certificate, alone or with the
CAs above it, which is valid while it chains to a trust anchor of the keystore; PEM or DER. Compare the
printed id with one that the signer gives you in another way. An OpenPGP key that exists already is merged:
new subkeys and dates are added, and an older copy removes nothing. The owner's revocation of a subkey or of
the whole key takes effect, also from a revocation certificate alone: the bindings that name the key
are shown, and the exit status is 76 if no signature of the key is accepted any more.
  gpg --armor --export alice@example.org > alice.asc
  sifctl signer add alice.asc
  sifctl signer add keyring.asc --fingerprint 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84
  sifctl signer add site.pem --label "build host of the site"
  sifctl signer add carol.pem)");
  const auto options = std::make_shared<SignerFile>();
  command->add_option("file", options->file, "OpenPGP key, public key or certificate")
      ->required()
      ->type_name("FILE");
  command->add_option("--fingerprint", options->fingerprint, "Which key of an OpenPGP file")
      ->type_name("FPR");
  command->add_option("--label", options->label, "A name for a raw public key")->type_name("TEXT");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, options] { return add(session, *options); });
}

}  // namespace sifguard
