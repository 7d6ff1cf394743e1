// sifctl key import: takes in a key pair made elsewhere. Runs with the rights of the admin.
#include "keystore/cli/key_import.h"

#include <memory>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/input_file.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/password.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxFile = 256UL * 1024;

struct Wish {
  std::string file;
  std::string name;
  PasswordSource password;
};

bool contains(const SecretBytes& data, std::string_view text) {
  return as_text(data.bytes()).find(text) != std::string_view::npos;
}

/// The certificate of a PEM file that is of its key; null when the file holds none at all.
Result<Certificate> certificate_of(const SecretBytes& pem, const RsaPrivateKey& key) {
  if (!contains(pem, "-----BEGIN CERTIFICATE-----")) return Certificate();
  SG_TRY(auto all, parse_certificates(as_text(pem.bytes())));
  for (auto& certificate : all) {
    if (certificate_fits(*certificate, key.pkey())) return std::move(certificate);
  }
  return fail(Code::refused, "the certificate is not of the private key");
}

bool is_pem(const SecretBytes& data) {
  return contains(data, "-----BEGIN ");
}

/// PFX files always have a password, if only an empty one; of PEM files the encrypted ones.
bool wants_password(const SecretBytes& data, const Wish& wish) {
  if (wish.password.given()) return true;
  return is_pem(data) ? contains(data, "ENCRYPTED") : looks_like_der(data.bytes());
}

Result<Pfx> open_key(const SecretBytes& data, const SecretBytes* password) {
  if (is_pem(data)) {
    SG_TRY(RsaPrivateKey key, RsaPrivateKey::from_pem(data, password));
    SG_TRY(Certificate certificate, certificate_of(data, key));
    return Pfx{std::move(key), std::move(certificate)};
  }
  if (!looks_like_der(data.bytes()) || password == nullptr) {
    return fail(Code::refused, "neither a PEM nor a PFX file", "give a .pfx, .p12 or .pem file");
  }
  return read_pfx(data.bytes(), *password);
}

Result<Pfx> open_sound_key(const SecretBytes& data, const SecretBytes* password) {
  SG_TRY(Pfx pfx, open_key(data, password));
  SG_CHECK(pfx.key.check());
  return pfx;
}

Status import(const Session& session, const Wish& wish) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const SecretBytes data, read_input_secret(wish.file, kMaxFile));
  std::optional<SecretBytes> password;
  if (wants_password(data, wish)) {
    SG_TRY(password, wish.password.read(wish.file));
  }
  auto opened = open_sound_key(data, password ? &*password : nullptr);
  if (!opened) return tl::unexpected(std::move(opened).error().prepend(wish.file));
  SG_TRY(const auto added,
         keystore.add_key({wish.name, &opened->key, nullptr, opened->certificate.get()}));
  if (added.outcome == Keystore::Added::unchanged) {
    constexpr const char* kUnchanged = "already in the keystore, nothing changed";
    if (session.json) {
      session.note(kUnchanged);  // stdout is for the object alone
    } else {
      session.out(std::string(kUnchanged) + "\n");
    }
  }
  show_key(session, added.record);
  return {};
}

}  // namespace

void add_key_import(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("import", "Take in a key from a PFX or PEM file");
  command->footer(R"(
PFX (PKCS#12), PKCS#8 PEM, encrypted or not, and PKCS#1 PEM, with or without the certificate. The
password is read from --password-file, from --password-fd, or asked for on the terminal. The same
key again under the same name changes nothing.
  sifctl key import mycert.pfx --name lolcow
  sifctl key import mycert.pfx --name lolcow --password-file pw
  pass show mycert | sifctl key import mycert.pfx --name lolcow --password-fd 0)");
  const auto wish = std::make_shared<Wish>();
  command->add_option("file", wish->file, "PFX or PEM file")->required()->type_name("FILE");
  command->add_option("--name", wish->name, "Name in the keystore")->required()->type_name("NAME");
  wish->password.offer(command);
  session.offer_json(command);
  session.on(command, [&session, wish] { return import(session, *wish); });
}

}  // namespace sifguard
