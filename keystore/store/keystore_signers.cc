// The signers of a keystore: whose OpenPGP signatures bindings may ask for. Root on nodes; the
// owner of the directory in `sifctl`.
#include <time.h>

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/store/keystore.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kFingerprintDigits = 40;

}  // namespace

Result<SignerRecord> Keystore::read_signer(const EntryParent& signers,
                                           const std::string& fingerprint) const {
  const std::string shown = signers.shown + "/" + fingerprint;
  if (!is_upper_hex(fingerprint, kFingerprintDigits)) {
    return fail(Code::config, printable(shown) + " is not a signer's directory", "move it away");
  }
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(signers.fd.get(), fingerprint, shown, trust_));
  const std::string meta = shown + "/" + kMeta;
  SG_TRY(const std::string text, read_store_file(fd.get(), kMeta, meta, kMaxMeta, trust_));
  return parse_signer_meta(text, fingerprint, meta);
}

Result<std::vector<SignerRecord>> Keystore::signers() const {
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto fingerprints, list_entries(all));
  std::vector<SignerRecord> records;
  for (const auto& fingerprint : fingerprints) {
    SG_TRY(SignerRecord record, read_signer(all, fingerprint));
    records.push_back(std::move(record));
  }
  return records;
}

Result<SignerRecord> Keystore::find_signer(std::string_view fingerprint) const {
  SG_TRY(const std::string wanted, normalize_fingerprint(fingerprint));
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto fingerprints, list_entries(all));
  if (!std::binary_search(fingerprints.begin(), fingerprints.end(), wanted)) {
    return fail(Code::config, "no signer " + wanted + " in the keystore " + directory_,
                "add it with sifctl signer add");
  }
  return read_signer(all, wanted);
}

Result<std::string> Keystore::signer_key(std::string_view fingerprint) const {
  SG_TRY(const SignerRecord record, find_signer(fingerprint));
  SG_TRY(const EntryParent all, parent(kSigners));
  const std::string shown = all.shown + "/" + record.fingerprint;
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(all.fd.get(), record.fingerprint, shown, trust_));
  return read_store_file(fd.get(), kSignerKey, shown + "/" + kSignerKey, kMaxSignerKey, trust_);
}

Result<Keystore::Added> Keystore::add_signer(const OpenPgpKey& key, std::string_view armored) {
  if (!is_upper_hex(key.fingerprint, kFingerprintDigits)) {
    return fail(Code::usage, "not a full fingerprint: '" + printable(key.fingerprint, 100) + "'");
  }
  if (key.secret) return fail(Code::usage, "a secret key is not stored as a signer");
  if (armored.empty() || armored.size() > kMaxSignerKey) {
    return fail(Code::usage, "the signer's key is empty or too large");
  }
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto fingerprints, list_entries(all));
  SignerRecord record{key.fingerprint, key.user_id, key.algorithm,
                      key.created,     key.expires, ::time(nullptr)};
  if (std::binary_search(fingerprints.begin(), fingerprints.end(), key.fingerprint)) {
    SG_TRY(const std::string stored, signer_key(key.fingerprint));
    if (stored == armored) return Added::unchanged;
    SG_TRY(const SignerRecord old, read_signer(all, key.fingerprint));
    record.added = old.added;
  }
  const std::string meta = signer_meta(record);
  SG_CHECK(put_entry(all, key.fingerprint,
                     {{kMeta, as_bytes(meta), 0600}, {kSignerKey, as_bytes(armored), 0644}}));
  return Added::added;
}

Status Keystore::remove_signer(std::string_view fingerprint) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const SignerRecord record, find_signer(fingerprint));
  SG_TRY(const EntryParent all, parent(kSigners));
  return remove_entry(all, record.fingerprint);
}

}  // namespace sifguard
