// sifctl key create: makes a key pair, and files to hand on. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>

#include "keystore/cli/key_make.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

struct KeyCreateOptions {
  std::string bits = "4096";
  KeyMaker maker;
};

Status create(const Session& session, KeyCreateOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  options.maker.bits = std::stoi(options.bits);
  SG_CHECK(options.maker.check_early(keystore));
  return options.maker.make(session, keystore);
}

}  // namespace

void add_key_create(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("create", "Make an RSA key pair and its certificate");
  command->footer(R"(
The key stays in the keystore. With --file-prefix these are written as well, to encrypt images with
and to keep safe: P.pem (the public key as SubjectPublicKeyInfo), P.pkcs1.pem (the same as PKCS#1,
which apptainer and singularity require) and P.pfx (key and certificate, encrypted with a password, which
is read from --pfx-password-file, from --pfx-password-fd, or asked for on the terminal).
  sifctl key create lolcow
  sifctl key create lolcow --bits 3072
  sifctl key create lolcow --pfx-password-file pw --file-prefix mycert)");
  const auto options = std::make_shared<KeyCreateOptions>();
  command->add_option("name", options->maker.name, "Name of the new key")
      ->required()
      ->type_name("NAME");
  command->add_option("--bits", options->bits, "Size of the key")
      ->type_name("2048|3072|4096")
      ->check(CLI::IsMember({"2048", "3072", "4096"}))
      ->capture_default_str();
  options->maker.offer(command);
  session.on_change(command, [&session, options] { return create(session, *options); });
}

}  // namespace sifguard
