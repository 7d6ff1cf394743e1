// The signers of a keystore: whose signatures bindings may ask for. Root on nodes; the owner of
// the directory in `sifctl`.
#include <time.h>

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openpgp_end.h"
#include "keystore/store/keystore.h"
#include "keystore/store/meta.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/signer_entry.h"
#include "keystore/store/signer_revocation.h"
#include "keystore/store/signer_step.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kFingerprint = 40;  // digits, of OpenPGP

Result<std::string> normalize_id(std::string_view id) {
  if (is_signer_id(id)) return std::string(id);
  if (auto pasted = pasted_id(id)) return *std::move(pasted);
  if (pasted_text(id).starts_with("x509:")) {
    return fail(Code::usage, "'" + printable(id, 100) + "' is a name that several may give",
                "write the certificate's own: cert:…, as `sifctl signer list` shows it");
  }
  return normalize_fingerprint(id);
}

void keep_state(const SignerRecord& old, SignerRecord& record) {
  record.state = old.state;
  record.state_at = old.state_at;
  record.reason = old.reason;
}

/// What an OpenPGP key says may only be added to.
Status check_merged(const SignerEntry& old, std::string_view key, std::string_view merged_with) {
  const bool merged = old.key == key || old.key == merged_with || old.key.empty();
  if (merged || old.record.type() != SignerType::openpgp) return {};
  return fail(Code::temporary, "the signer " + old.record.id + " was changed meanwhile",
              "nothing changed: try again");
}

}  // namespace

std::string_view signer_type_name(SignerType type) noexcept {
  switch (type) {
    case SignerType::openpgp:
      return "openpgp";
    case SignerType::public_key:
      return "public-key";
    case SignerType::certificate:
      break;
  }
  return "certificate";
}

SignerType SignerRecord::type() const noexcept {
  if (id.starts_with("spki:")) return SignerType::public_key;
  return id.starts_with("cert:") ? SignerType::certificate : SignerType::openpgp;
}

bool SignerRecord::counts(std::int64_t made) const noexcept {
  return signature_counts(state, reason, dated_since(state_at, ::time(nullptr)), made);
}

bool SignerRecord::is_dated_ahead() const noexcept {
  return dated_since(state_at, ::time(nullptr)) != state_at;
}

bool SignerRecord::is_named(std::string_view signer_id) const noexcept {
  return contains(names, signer_id);
}

Result<std::vector<SignerRecord>> Keystore::signers_that(
    const std::function<bool(const std::string&)>& wanted) const {
  SG_TRY(const EntryParent all, parent(kSigners));
  std::vector<SignerRecord> records;
  SG_CHECK(read_entries(all, [&](const std::string& entry) -> Status {
    if (!wanted(signer_id_of_entry(entry))) return {};
    SG_TRY(SignerRecord record, read_signer_record(all, entry, trust_));
    records.push_back(std::move(record));
    return {};
  }));
  return records;
}

Result<std::vector<SignerRecord>> Keystore::signers() const {
  return signers_that([](const std::string& /*id*/) { return true; });
}

Result<std::vector<SignerRecord>> Keystore::signers_for(
    const std::vector<std::string>& names) const {
  const auto is_openpgp = [](const std::string& id) { return is_upper_hex(id, kFingerprint); };
  const bool openpgp_alone = std::all_of(names.begin(), names.end(), is_openpgp);
  return signers_that([&](const std::string& id) {
    if (!is_openpgp(id)) return !openpgp_alone;
    return contains(names, id);
  });
}

Result<SignerRecord> Keystore::find_signer(std::string_view id) const {
  SG_TRY(const std::string wanted, normalize_id(id));
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto entries, list_entries(all));
  const std::string entry = signer_entry_name(wanted);
  if (!std::binary_search(entries.begin(), entries.end(), entry)) {
    return fail(Code::absent, "no signer " + wanted + " in the keystore " + directory_,
                "add it with sifctl signer add");
  }
  return read_signer_record(all, entry, trust_);
}

Result<std::string> Keystore::signer_key(std::string_view id) const {
  SG_TRY(const SignerRecord record, find_signer(id));
  SG_TRY(const EntryParent all, parent(kSigners));
  return read_signer_key(all, record, trust_);
}

Result<Keystore::Added> Keystore::add_signer(const OpenPgpKey& key, std::string_view armored,
                                             std::string_view merged_with) {
  if (key.secret) return fail(Code::refused, "a secret key is not stored as a signer");
  return add_signer(SignerRecord{key.fingerprint,
                                 key.user_id,
                                 key.algorithm,
                                 key.created,
                                 end_of(key),
                                 0,
                                 {key.fingerprint},
                                 SignerState::active,
                                 0,
                                 {}},
                    armored, merged_with);
}

Result<Keystore::Added> Keystore::add_signer(SignerRecord record, std::string_view key,
                                             std::string_view merged_with) {
  SG_TRY(const PutSigner put, put_signer(std::move(record), key, merged_with));
  return put.outcome;
}

Result<Keystore::PutSigner> Keystore::put_signer(SignerRecord record, std::string_view key,
                                                 std::string_view merged_with) {
  if (!is_signer_id(record.id)) {
    return fail(Code::usage, "not a full fingerprint: '" + printable(record.id, 100) + "'");
  }
  if (key.empty() || key.size() > kMaxSignerKey) {
    return fail(Code::refused, "the signer's key is empty or too large");
  }
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto entries, list_entries(all));
  const std::string entry = signer_entry_name(record.id);
  record.added = ::time(nullptr);
  if (std::binary_search(entries.begin(), entries.end(), entry)) {
    SG_TRY(const std::string stored, signer_key(record.id));
    SG_TRY(const SignerRecord old, read_signer_record(all, entry, trust_));
    const bool ends =
        record.state == SignerState::revoked &&
        is_graver(old.state, old.reason, old.state_at, record.reason, record.state_at);
    if (stored == key && !ends) return PutSigner{Added::unchanged, old};
    SG_CHECK(check_merged({old, stored}, key, merged_with));
    record.added = old.added;
    if (!ends) keep_state(old, record);
    SG_CHECK(write_signer(all, record, key));
    return PutSigner{Added::added, std::move(record)};
  }
  SG_TRY(const auto removed, find_removed_signer(*this, record.id));
  if (removed) SG_CHECK(check_merged(*removed, key, merged_with));
  keep_state(removed ? removed->record : SignerRecord(), record);
  SG_CHECK(write_signer(all, record, key));
  SG_CHECK(forget_removed_signer(*this, record.id));
  return PutSigner{Added::added, std::move(record)};
}

Result<SignerRecord> Keystore::set_signer_state(std::string_view id, SignerState state,
                                                std::int64_t at, const std::string& reason) {
  if (state == SignerState::revoked) SG_CHECK(check_revocation_reason(reason));
  SG_TRY(const FileLock held, lock());
  SG_TRY(SignerRecord record, find_signer(id));
  SG_TRY(const std::string key, signer_key(record.id));
  SG_TRY(record, stepped_signer(std::move(record), state, at, reason, ::time(nullptr)));
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_CHECK(write_signer(all, record, key));
  return record;
}

Status Keystore::remove_signer(std::string_view id) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const SignerRecord record, find_signer(id));
  SG_CHECK(check_removable(record));
  SG_TRY(const EntryParent all, parent(kSigners));
  // A key that cannot be read is no reason to keep it.
  SG_CHECK(remember_signer(*this, {record, signer_key(record.id).value_or("")}));
  return remove_entry(all, signer_entry_name(record.id));
}

}  // namespace sifguard
