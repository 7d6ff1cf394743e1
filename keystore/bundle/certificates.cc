// Whose bundles a keystore takes. The owner of the keystore, in `sifctl`.
#include "keystore/bundle/certificates.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/cms.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kBundleSigners = "bundle-signers";
constexpr std::string_view kEnd = ".pem";

/// nullopt where no signer was ever trusted.
Result<std::optional<EntryParent>> signers_directory(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  struct stat st {};
  if (::fstatat(top.fd.get(), kBundleSigners, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
    return std::nullopt;
  }
  const std::string shown = top.shown + "/" + kBundleSigners;
  SG_TRY(UniqueFd fd,
         open_trusted_directory_at(top.fd.get(), kBundleSigners, shown, keystore.trust()));
  return std::optional(EntryParent{std::move(fd), shown});
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
  if (::mkdirat(top.fd.get(), kBundleSigners, 0700) != 0 && errno != EEXIST) {
    return fail_errno(Code::temporary, "cannot make " + top.shown + "/" + kBundleSigners, errno);
  }
  SG_CHECK(sync_directory(top.fd.get(), top.shown));
  SG_TRY(const auto directory, signers_directory(keystore));
  discard_leftover_files(*directory);
  const std::string name = fingerprint + std::string(kEnd);
  SG_CHECK(replace_file(directory->fd.get(), name, pem, 0600, directory->shown + "/" + name));
  return true;
}

Status distrust_signer(const Keystore& keystore, const std::string& fingerprint) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto directory, signers_directory(keystore));
  const std::string name = fingerprint + std::string(kEnd);
  if (!directory || !is_lower_hex(fingerprint, 64) ||
      ::unlinkat(directory->fd.get(), name.c_str(), 0) != 0) {
    return fail(Code::absent, "not trusted: '" + printable(fingerprint, 100) + "'",
                "see sifctl node show");
  }
  discard_leftover_files(*directory);
  return sync_change(directory->fd.get(), directory->shown);
}

}  // namespace sifguard
