// A file of which `sifctl signer add` and `setup` make a signer. Runs with the rights of the admin.
#include "keystore/cli/signer_file.h"

#include <time.h>

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/cli/signer_output.h"
#include "keystore/cli/signer_pem.h"
#include "keystore/cli/signer_same_key.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/trust/signer_fitness.h"
#include "keystore/x509/certificate_check.h"

namespace sifguard {
namespace {

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
                              const SignerFile& given) {
  if (!is_pem_file(data)) {
    if (!given.label.empty()) {
      return fail(Code::usage, "an OpenPGP key has a name of its own", "leave --label out");
    }
    return read_openpgp_signer(keystore, data, given.fingerprint);
  }
  if (!given.fingerprint.empty()) {
    return fail(Code::usage, "--fingerprint is for OpenPGP keys, and this is none");
  }
  return read_pem_signer(data, given.label);
}

}  // namespace

Result<NewSigner> read_signer_file(const Keystore& keystore, const SignerFile& given) {
  SG_TRY(std::string raw, read_input_text(given.file, kMaxSignerFile));
  const std::string data = pem_form(std::move(raw));
  auto signer = read_signer(keystore, data, given);
  if (!signer) {
    Error error = name_file_kind(std::move(signer).error(), data, WantedFile::signer);
    return tl::unexpected(std::move(error).prepend(given.file));
  }
  if (auto good = check_key_is_good(keystore, *signer); !good) {
    return tl::unexpected(std::move(good).error().prepend(given.file));
  }
  return signer;
}

Status note_unfit_signer(const Session& session, const Keystore& keystore, const NewSigner& signer,
                         const std::string& file) {
  if (signer.record.type() != SignerType::certificate) return {};
  SG_TRY(const Unfit unfit, unfit_certificate(keystore, signer.key, ::time(nullptr)));
  if (unfit.why.empty()) return {};
  session.note(
      file + (unfit.for_good ? ": no launch will take it: it " : ": no launch takes it now: it ") +
      unfit.why);
  return {};
}

}  // namespace sifguard
