// Finding the key that signs, as the command line names it. The user's rights.
#include "helper/tools/load_signer.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "keystore/base/input_file.h"
#include "keystore/base/passphrase.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/private_pem.h"

namespace sifguard {
namespace {

Result<SecretBytes> read_passphrase(const SignerOptions& options, const std::string& what) {
  if (!options.passphrase_file.empty()) return read_passphrase_file(options.passphrase_file);
  if (options.passphrase_fd) return read_passphrase_fd(*options.passphrase_fd);
  return ask_passphrase({"Passphrase for " + what + ": ", "a passphrase is needed for " + what,
                         "give --passphrase-file or --passphrase-fd"});
}

void warn_of_open_mode(const Tool& tool, const std::string& file) {
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077U) == 0) return;
  tool.note("others may read or change the private key " + file + "; chmod 600 " + file);
}

Result<std::unique_ptr<Signer>> load_key_file(const Tool& tool, const SignerOptions& options) {
  SG_TRY(const SecretBytes pem, read_input_secret(options.key, kMaxKeyFile));
  std::optional<SecretBytes> passphrase;
  if (is_encrypted_pem(pem)) {
    SG_TRY(passphrase, read_passphrase(options, options.key));
  }
  auto key = SigningKey::from_pem(pem, passphrase ? &*passphrase : nullptr);
  if (!key) return tl::unexpected(std::move(key).error().prepend(options.key));
  warn_of_open_mode(tool, options.key);
  return make_key_signer(*std::move(key));
}

}  // namespace

void offer_signer(CLI::App& app, SignerOptions& options) {
  app.add_option("--key", options.key, "Sign with this private key: RSA, ECDSA or Ed25519")
      ->required()
      ->type_name("PEM");
  auto* file = app.add_option("--passphrase-file", options.passphrase_file,
                              "File whose content is the passphrase of the key");
  file->type_name("FILE");
  app.add_option("--passphrase-fd", options.passphrase_fd, "Open descriptor to read it from")
      ->type_name("N")
      ->excludes(file);
}

Result<std::unique_ptr<Signer>> load_signer(const Tool& tool, const SignerOptions& options) {
  return load_key_file(tool, options);
}

}  // namespace sifguard
