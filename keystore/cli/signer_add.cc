// sifctl signer add: adds a public key or certificate. Runs with the rights of the admin; an
// OpenPGP key is read in a sandbox.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"
#include "keystore/cli/signer_output.h"
#include "keystore/cli/signer_pem.h"
#include "keystore/cli/signer_same_key.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/trust/signer_fitness.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {
namespace {

struct AddOptions {
  std::string file, fingerprint, label;
};

/// A key of OpenPGP in binary, whatever text comes behind it.
bool is_binary_openpgp(std::string_view data) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  return !data.empty() && (static_cast<unsigned char>(data[0]) & 0x80U) != 0 &&
         !data.starts_with(kByteOrderMark);
}

/// OpenPGP's own armor looks like PEM, but says so.
bool is_pem_file(std::string_view data) {
  return !is_binary_openpgp(data) && data.find("-----BEGIN ") != data.npos &&
         data.find("-----BEGIN PGP ") == data.npos;
}

Result<NewSigner> read_signer(const Keystore& keystore, const std::string& data,
                              const AddOptions& options) {
  if (!is_pem_file(data)) {
    if (!options.label.empty()) {
      return fail(Code::usage, "an OpenPGP key has a name of its own", "leave --label out");
    }
    return read_openpgp_signer(keystore, data, options.fingerprint);
  }
  if (!options.fingerprint.empty()) {
    return fail(Code::usage, "--fingerprint is for OpenPGP keys, and this is none");
  }
  return read_pem_signer(data, options.label);
}

Status add(Session& session, const AddOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(std::string raw, read_input_text(options.file, kMaxSignerFile));
  const std::string data = pem_form(std::move(raw));
  auto signer = read_signer(keystore, data, options);
  if (!signer) {
    Error error = name_file_kind(std::move(signer).error(), data, WantedFile::signer);
    return tl::unexpected(std::move(error).prepend(options.file));
  }
  if (auto good = check_key_is_good(keystore, *signer); !good) {
    return tl::unexpected(std::move(good).error().prepend(options.file));
  }
  SG_CHECK(store_signer(session, keystore, *signer));
  if (signer->record.type() != SignerType::certificate) return {};
  SG_TRY(const Unfit unfit, unfit_certificate(keystore, signer->key, ::time(nullptr)));
  if (unfit.why.empty()) return {};
  session.note(
      options.file +
      (unfit.for_good ? ": no launch will take it: it " : ": no launch takes it now: it ") +
      unfit.why);
  return {};
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
  const auto options = std::make_shared<AddOptions>();
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
