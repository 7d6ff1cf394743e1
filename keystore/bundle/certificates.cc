// The signers whose bundles a keystore accepts. The owner of the keystore, in `sifctl`.
#include "keystore/bundle/certificates.h"

#include <optional>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/cms.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kBundleSigners = "bundle-signers";
constexpr std::string_view kEnd = ".pem";

/// nullopt where no signer was ever trusted.
Result<std::optional<EntryParent>> signers_directory(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return find_parent(top, kBundleSigners, keystore.trust());
}

}  // namespace

Result<Certificate> only_certificate(std::string_view pem, const std::string& where) {
  auto all = parse_certificates(pem);
  if (!all) return fail(Code::config, where + ": " + all.error().what());
  if (all->size() != 1) return fail(Code::config, where + " holds more than one certificate");
  return std::move(all->front());
}

Result<std::vector<TrustedSigner>> trusted_signers(const Keystore& keystore) {
  SG_TRY(const auto directory, signers_directory(keystore));
  std::vector<TrustedSigner> signers;
  if (!directory) return signers;
  SG_TRY(const auto names, list_entries(*directory));
  for (const std::string& name : names) {
    const std::string shown = directory->shown + "/" + name;
    SG_TRY(const std::string pem,
           read_store_file(directory->fd.get(), name, shown, kMaxPem, keystore.trust()));
    SG_TRY(Certificate certificate, only_certificate(pem, shown));
    SG_TRY(std::string fingerprint, certificate_fingerprint(*certificate));
    if (name != fingerprint + std::string(kEnd)) {
      return fail(Code::config, shown + " is not the certificate of its name", "move it away");
    }
    signers.push_back({std::move(fingerprint), std::move(certificate)});
  }
  return signers;
}

Result<bool> trust_signer(const Keystore& keystore, const X509& certificate) {
  SG_TRY(const std::string fingerprint, certificate_fingerprint(certificate));
  SG_TRY(const std::string pem, certificate_pem(certificate));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto before, trusted_signers(keystore));
  for (const TrustedSigner& one : before) {
    if (one.fingerprint == fingerprint) return false;
  }
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent directory, make_parent(top, kBundleSigners, keystore.trust()));
  discard_leftover_files(directory);
  SG_CHECK(put_file(directory, fingerprint + std::string(kEnd), pem));
  return true;
}

Status distrust_signer(const Keystore& keystore, const std::string& fingerprint) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto directory, signers_directory(keystore));
  bool gone = false;
  if (directory && is_lower_hex(fingerprint, 64)) {
    discard_leftover_files(*directory);
    SG_TRY(gone, remove_file(*directory, fingerprint + std::string(kEnd)));
  }
  if (gone) return {};
  return fail(Code::absent, "not trusted: '" + printable(fingerprint, 100) + "'",
              "see sifctl node show");
}

}  // namespace sifguard
