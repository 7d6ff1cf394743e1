// sifctl key import: adds a key made elsewhere. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/cli/key_file.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/token_key.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxFile = 256UL * 1024;

struct KeyImportOptions {
  std::string file, token;
  std::string name;
  std::string certificate;
  bool only_public = false;
  PasswordSource password;
};

Result<KeyFile> open_file(const KeyImportOptions& options) {
  SG_TRY(SecretBytes raw, read_input_secret(options.file, kMaxFile));
  SG_TRY(const SecretBytes data, private_pem_form(std::move(raw)));
  std::optional<SecretBytes> password;
  if (!options.only_public && (options.password.given() || wants_password(data))) {
    SG_TRY(password, options.password.read(options.file));
  }
  auto opened = options.only_public ? open_public_file(data)
                                    : open_private_file(data, password ? &*password : nullptr);
  if (opened) return opened;
  Error error = name_file_kind(std::move(opened).error(), as_text(data.bytes()),
                               options.only_public ? WantedFile::rsa_public : WantedFile::rsa_key);
  return tl::unexpected(std::move(error).prepend(options.file));
}

Result<KeyFile> open_in_token(const std::string& uri) {
  SG_TRY(RsaPublicKey half, token_public_key(uri));
  KeyFile key;
  key.private_key = RsaPrivateKey::in_token(uri, std::move(half));
  SG_CHECK(key.private_key->check());
  return key;
}

Result<KeyFile> open_key(const KeyImportOptions& options) {
  if (options.file.empty() == options.token.empty()) {
    return fail(Code::usage, "give either a file or --pkcs11");
  }
  SG_TRY(KeyFile opened, options.file.empty() ? open_in_token(options.token) : open_file(options));
  if (options.certificate.empty()) return opened;
  SG_TRY(const SecretBytes beside, read_input_secret(options.certificate, kMaxFile));
  auto added = add_certificate(opened, beside);
  if (!added) {
    Error error =
        name_file_kind(std::move(added).error(), as_text(beside.bytes()), WantedFile::certificate);
    return tl::unexpected(std::move(error).prepend(options.certificate));
  }
  return opened;
}

Status import(const Session& session, const KeyImportOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyFile opened, open_key(options));
  SG_TRY(const auto added,
         keystore.add_key({options.name, opened.private_key ? &*opened.private_key : nullptr,
                           opened.public_key ? &*opened.public_key : nullptr,
                           opened.certificate.get()}));
  if (added.outcome == Keystore::Added::unchanged) {
    session.unchanged("the key '" + added.record.name + "' is in the keystore already");
  } else if (session.dry_run) {
    session.tell("taken in", "the key '" + added.record.name + "'");
  }
  return show_key(session, keystore, added.record);
}

}  // namespace

void add_key_import(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("import", "Add a key from a file or in a token");
  command->footer(R"(
PFX (PKCS#12), PKCS#8 PEM, encrypted or not, and PKCS#1 PEM, with the certificate in the same file,
in another, or without one. The password is read from --password-file, from --password-fd, or asked
for on the terminal. Importing the same key again under the same name adds what was missing, its
certificate or its private key, or changes nothing.
  sifctl key import mycert.pfx --name lolcow
  sifctl key import mycert.pfx --name lolcow --password-file pw
  pass show mycert | sifctl key import mycert.pfx --name lolcow --password-fd 0
  sifctl key import key.pem --certificate cert.pem --name lolcow
  sifctl key import public.pem --public --name lolcow
A key may also stay in a PKCS#11 token, which decrypts with it; the PIN is read from a file:
  sifctl key import --pkcs11 'pkcs11:token=site;object=lolcow?pin-source=file:/etc/sifguard/pin' \
         --name lolcow)");
  const auto options = std::make_shared<KeyImportOptions>();
  auto* file = command->add_option("file", options->file, "PFX or PEM file")->type_name("FILE");
  auto* token =
      command->add_option("--pkcs11", options->token, "The URI of a key in a token instead");
  token->type_name("URI")->excludes(file);
  command->add_option("--name", options->name, "Name in the keystore")
      ->required()
      ->type_name("NAME");
  command->add_option("--certificate", options->certificate, "The key's certificate, PEM or DER")
      ->type_name("FILE");
  auto* only_public = command->add_flag("--public", options->only_public,
                                        "FILE is a public key or a certificate: store only that");
  only_public->excludes(token);
  for (auto* option : options->password.offer(command))
    option->excludes(only_public)->excludes(token);
  Session::offer_dry_run(command);
  session.on_change(command, [&session, options] { return import(session, *options); });
}

}  // namespace sifguard
