// sifctl key create: makes a key pair, and files to hand on. Runs with the rights of the admin.
//
// Everything is made first, then the files are written, then the keystore; if a step fails, what
// was written before it is taken back. The private key is on disk in the keystore and in the
// password-protected PFX file only.
#include "keystore/cli/key_create.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/passphrase.h"
#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/output_file.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

struct Wish {
  std::string name;
  std::string bits = "4096";
  std::string password_file;
  std::string prefix;
  bool force = false;
};

struct Made {
  RsaPrivateKey key;
  Certificate certificate;
};

/// What can be said before a key is made, which takes seconds.
Status check_early(const Wish& wish, const Keystore& keystore) {
  if (!is_name(wish.name)) {
    return fail(Code::usage, "not a usable name for a key: '" + wish.name + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  SG_TRY(const auto keys, keystore.keys());
  if (std::any_of(keys.begin(), keys.end(),
                  [&](const KeyRecord& key) { return key.name == wish.name; })) {
    return fail(Code::usage, "the keystore has a key named '" + wish.name + "' already",
                "choose another name");
  }
  if (!wish.prefix.empty() && !wish.force) {
    SG_CHECK(check_absent(wish.prefix + ".pem"));
    SG_CHECK(check_absent(wish.prefix + ".pfx"));
  }
  return {};
}

/// An empty password is refused now, not after the key is made.
Result<std::optional<SecretBytes>> read_password(const Wish& wish) {
  if (wish.prefix.empty()) return std::optional<SecretBytes>();
  SG_TRY(SecretBytes password, read_passphrase_file(wish.password_file));
  SG_CHECK(check_pfx_password(password));
  return std::optional<SecretBytes>(std::move(password));
}

Result<Made> make(const Wish& wish) {
  SG_TRY(RsaPrivateKey key, RsaPrivateKey::generate(std::stoi(wish.bits)));
  SG_TRY(Certificate certificate, make_certificate(key, wish.name));
  return Made{std::move(key), std::move(certificate)};
}

Result<std::vector<OutputFile>> stage_files(const Wish& wish, const Made& made,
                                            const SecretBytes& password) {
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(const std::string pem, half.spki_pem());
  SG_TRY(const auto pfx, write_pfx(made.key, *made.certificate, password, wish.name));
  std::vector<OutputFile> files;
  SG_TRY(OutputFile public_file,
         OutputFile::stage(wish.prefix + ".pem", as_bytes(pem), 0644, wish.force));
  files.push_back(std::move(public_file));
  SG_TRY(OutputFile pfx_file, OutputFile::stage(wish.prefix + ".pfx", pfx, 0600, wish.force));
  files.push_back(std::move(pfx_file));
  return files;
}

Status create(const Session& session, const Wish& wish) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_CHECK(check_early(wish, keystore));
  SG_TRY(const auto password, read_password(wish));
  session.progress("making a key of " + wish.bits + " bits, which takes a while");
  SG_TRY(const Made made, make(wish));
  std::vector<OutputFile> files;
  if (password) {
    SG_TRY(files, stage_files(wish, made, *password));
  }
  for (auto& file : files) SG_CHECK(file.publish());
  SG_TRY(const auto added,
         keystore.add_key({wish.name, &made.key, nullptr, made.certificate.get()}));
  for (auto& file : files) file.keep();
  show_key(session, added.record);
  if (!session.json && !files.empty()) {
    session.print_fields({{"public key", files[0].path()}, {"PFX", files[1].path()}});
  }
  return {};
}

}  // namespace

void add_key_create(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("create", "Make an RSA key pair and its certificate");
  command->footer(R"(
The key stays in the keystore. With --file-prefix, P.pem (the public key) and P.pfx (key and
certificate under the password) are written as well, to encrypt images with and to keep safe.
  sifctl key create lolcow
  sifctl key create lolcow --bits 3072
  sifctl key create lolcow --pfx-password-file pw --file-prefix mycert)");
  const auto wish = std::make_shared<Wish>();
  command->add_option("name", wish->name, "Name of the new key")->required()->type_name("NAME");
  command->add_option("--bits", wish->bits, "Size of the key")
      ->type_name("2048|3072|4096")
      ->check(CLI::IsMember({"2048", "3072", "4096"}))
      ->capture_default_str();
  auto* password = command->add_option("--pfx-password-file", wish->password_file,
                                       "File whose content is the password of the PFX file");
  auto* prefix = command->add_option("--file-prefix", wish->prefix, "Write P.pem and P.pfx");
  password->type_name("FILE")->needs(prefix);
  prefix->type_name("P")->needs(password);
  command->add_flag("--force", wish->force, "Overwrite P.pem and P.pfx")->needs(prefix);
  session.offer_json(command);
  session.on(command, [&session, wish] { return create(session, *wish); });
}

}  // namespace sifguard
