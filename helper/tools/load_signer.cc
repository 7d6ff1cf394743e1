// Finding the key that signs, as the command line names it. The user's rights.
#include "helper/tools/load_signer.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "helper/tools/pgp_signer.h"
#include "helper/tools/pkcs11_uri.h"
#include "helper/tools/token_signer.h"
#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/passphrase.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/private_pem.h"

namespace sifguard {
namespace {

bool has_passphrase(const SignerOptions& options) {
  return !options.passphrase_file.empty() || options.passphrase_fd.has_value();
}

Result<SecretBytes> read_passphrase(const SignerOptions& options, const std::string& what) {
  if (!options.passphrase_file.empty()) return read_passphrase_file(options.passphrase_file);
  if (options.passphrase_fd) return read_passphrase_fd(*options.passphrase_fd);
  return ask_passphrase({"passphrase for " + what + ": ", "a passphrase is needed for " + what,
                         "give --passphrase-file or --passphrase-fd"});
}

void warn_of_open_mode(const Tool& tool, const std::string& file) {
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077U) == 0) return;
  tool.note("others may read or change the private key " + file + "; chmod 600 " + file);
}

Result<std::unique_ptr<Signer>> load_key_file(const Tool& tool, const SignerOptions& options) {
  SG_TRY(SecretBytes raw, read_input_secret(options.key, kMaxKeyFile));
  SG_TRY(const SecretBytes pem, private_pem_form(std::move(raw)));
  std::optional<SecretBytes> passphrase;
  if (is_encrypted_pem(pem)) {
    SG_TRY(passphrase, read_passphrase(options, options.key));
  }
  auto key = SigningKey::from_pem(pem, passphrase ? &*passphrase : nullptr);
  if (!key) {
    Error error =
        name_file_kind(std::move(key).error(), as_text(pem.bytes()), WantedFile::signing_key);
    return tl::unexpected(std::move(error).prepend(options.key));
  }
  warn_of_open_mode(tool, options.key);
  return make_key_signer(*std::move(key));
}

Result<std::unique_ptr<Signer>> load_pgp_key(const SignerOptions& options) {
  SG_TRY(const std::string fingerprint, normalize_fingerprint(options.pgp));
  std::unique_ptr<SecretBytes> passphrase;
  if (has_passphrase(options)) {  // else gpg's agent asks
    SG_TRY(SecretBytes given, read_passphrase(options, fingerprint));
    passphrase = std::make_unique<SecretBytes>(std::move(given));
  }
  return make_pgp_signer(fingerprint, std::move(passphrase));
}

}  // namespace

void offer_signer(CLI::App& app, SignerOptions& options) {
  app.add_option("--key", options.key, "Sign with this private key: RSA, ECDSA or Ed25519")
      ->type_name("PEM");
  app.add_option("--pgp", options.pgp, "Sign with this OpenPGP key of your gpg")->type_name("FPR");
  app.add_option("--pkcs11", options.pkcs11, "Sign with this key in a PKCS#11 token")
      ->type_name("URI");
  auto* file = app.add_option("--passphrase-file", options.passphrase_file,
                              "File whose content is the passphrase or PIN of the key");
  file->type_name("FILE");
  app.add_option("--passphrase-fd", options.passphrase_fd, "Open descriptor to read it from")
      ->type_name("N")
      ->excludes(file);
}

Status check_signer(const SignerOptions& options) {
  const int given = (options.key.empty() ? 0 : 1) + (options.pgp.empty() ? 0 : 1) +
                    (options.pkcs11.empty() ? 0 : 1);
  if (given != 1) {
    return fail(Code::usage, "exactly one of --key, --pgp and --pkcs11 is needed",
                "see sif-sign --help");
  }
  if (!options.pgp.empty()) {
    SG_TRY(const std::string fingerprint, normalize_fingerprint(options.pgp));
  }
  if (!options.pkcs11.empty()) {
    SG_TRY(const Pkcs11Uri uri, parse_pkcs11_uri(options.pkcs11));
  }
  return {};
}

Result<std::unique_ptr<Signer>> load_signer(const Tool& tool, const SignerOptions& options) {
  if (!options.pgp.empty()) return load_pgp_key(options);
  if (!options.pkcs11.empty()) {
    return make_token_signer(options.pkcs11,
                             {options.passphrase_file, options.passphrase_fd.value_or(-1)});
  }
  return load_key_file(tool, options);
}

}  // namespace sifguard
