// The signers of a keystore: whose signatures bindings may ask for. Root on nodes; the owner of
// the directory in `sifctl`.
#include <time.h>

#include <algorithm>

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/store/keystore.h"
#include "keystore/store/meta.h"
#include "keystore/store/signer_entry.h"
#include "keystore/store/signer_revocation.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kColon = 4;         // of "spki:" and "cert:"
constexpr std::size_t kFingerprint = 40;  // digits, of OpenPGP

/// The directory of a signer; a colon in a file's name is a nuisance to shells and tar.
std::string entry_of(std::string id) {
  if (id.size() > kColon && id[kColon] == ':') id[kColon] = '-';
  return id;
}

std::string id_of(std::string entry) {
  if (entry.size() > kColon && entry[kColon] == '-') entry[kColon] = ':';
  return entry;
}

const char* key_file(SignerType type) {
  switch (type) {
    case SignerType::openpgp:
      return kSignerKey;
    case SignerType::public_key:
      return kSignerPublic;
    case SignerType::certificate:
      break;
  }
  return kCertificate;
}

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

}  // namespace

Status write_signer(const EntryParent& all, const SignerRecord& record, std::string_view key) {
  const std::string meta = signer_meta(record);
  // What is written must be what can be read again.
  SG_TRY(const SignerRecord readable, parse_signer_meta(meta, record.id, "the new signer"));
  return put_entry(
      all, entry_of(record.id),
      {{kMeta, as_bytes(meta), 0600}, {key_file(readable.type()), as_bytes(key), 0644}});
}

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

bool SignerRecord::is_named(std::string_view signer_id) const noexcept {
  return std::find(names.begin(), names.end(), signer_id) != names.end();
}

Result<SignerRecord> Keystore::read_signer(const EntryParent& signers,
                                           const std::string& entry) const {
  const std::string shown = signers.shown + "/" + entry;
  const std::string id = id_of(entry);
  if (!is_signer_id(id)) {
    return fail(Code::config, printable(shown) + " is not a signer's directory", "move it away");
  }
  SignerRecord record;
  SG_CHECK(read_entry(signers, entry, trust_, [&](int fd, const std::string& directory) -> Status {
    const std::string meta = directory + "/" + kMeta;
    SG_TRY(const std::string text, read_store_file(fd, kMeta, meta, kMaxMeta, trust_));
    SG_TRY(record, parse_signer_meta(text, id, meta));
    return {};
  }));
  return record;
}

Result<std::vector<SignerRecord>> Keystore::signers_that(
    const std::function<bool(const std::string&)>& wanted) const {
  SG_TRY(const EntryParent all, parent(kSigners));
  std::vector<SignerRecord> records;
  SG_CHECK(read_entries(all, [&](const std::string& entry) -> Status {
    if (!wanted(id_of(entry))) return {};
    SG_TRY(SignerRecord record, read_signer(all, entry));
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
    return std::find(names.begin(), names.end(), id) != names.end();
  });
}

Result<SignerRecord> Keystore::find_signer(std::string_view id) const {
  SG_TRY(const std::string wanted, normalize_id(id));
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto entries, list_entries(all));
  if (!std::binary_search(entries.begin(), entries.end(), entry_of(wanted))) {
    return fail(Code::config, "no signer " + wanted + " in the keystore " + directory_,
                "add it with sifctl signer add");
  }
  return read_signer(all, entry_of(wanted));
}

Result<std::string> Keystore::signer_key(std::string_view id) const {
  SG_TRY(const SignerRecord record, find_signer(id));
  SG_TRY(const EntryParent all, parent(kSigners));
  const std::string entry = entry_of(record.id);
  const char* const file = key_file(record.type());
  std::string key;
  SG_CHECK(read_entry(all, entry, trust_, [&](int fd, const std::string& directory) -> Status {
    SG_TRY(key, read_store_file(fd, file, directory + "/" + file, kMaxSignerKey, trust_));
    return {};
  }));
  return key;
}

Result<Keystore::Added> Keystore::add_signer(const OpenPgpKey& key, std::string_view armored,
                                             std::string_view merged_with) {
  if (key.secret) return fail(Code::usage, "a secret key is not stored as a signer");
  return add_signer(SignerRecord{key.fingerprint,
                                 key.user_id,
                                 key.algorithm,
                                 key.created,
                                 key.expires,
                                 0,
                                 {key.fingerprint},
                                 SignerState::active,
                                 0,
                                 {}},
                    armored, merged_with);
}

Result<Keystore::Added> Keystore::add_signer(SignerRecord record, std::string_view key,
                                             std::string_view merged_with) {
  if (!is_signer_id(record.id)) {
    return fail(Code::usage, "not a full fingerprint: '" + printable(record.id, 100) + "'");
  }
  if (key.empty() || key.size() > kMaxSignerKey) {
    return fail(Code::usage, "the signer's key is empty or too large");
  }
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_TRY(const auto entries, list_entries(all));
  const std::string entry = entry_of(record.id);
  record.added = ::time(nullptr);
  if (std::binary_search(entries.begin(), entries.end(), entry)) {
    SG_TRY(const std::string stored, signer_key(record.id));
    SG_TRY(const SignerRecord old, read_signer(all, entry));
    const bool ends =
        record.state == SignerState::revoked &&
        is_graver(old.state, old.reason, old.state_at, record.reason, record.state_at);
    if (stored == key && !ends) return Added::unchanged;
    if (stored != key && stored != merged_with && record.type() == SignerType::openpgp) {
      return fail(Code::temporary, "the signer " + record.id + " was changed meanwhile",
                  "nothing changed: try again");
    }
    record.added = old.added;
    if (!ends) keep_state(old, record);
  } else {
    record.state = SignerState::active;
    record.state_at = 0;
    record.reason.clear();
  }
  SG_CHECK(write_signer(all, record, key));
  return Added::added;
}

Result<SignerRecord> Keystore::set_signer_state(std::string_view id, SignerState state,
                                                std::int64_t at, const std::string& reason) {
  if (state == SignerState::revoked) SG_CHECK(check_revocation_reason(reason));
  if (at <= 0 || at > ::time(nullptr)) {
    return fail(Code::usage, "the time is not in the past", "leave it out for now");
  }
  SG_TRY(const FileLock held, lock());
  SG_TRY(SignerRecord record, find_signer(id));
  SG_TRY(const std::string key, signer_key(record.id));
  const std::string now(signer_state_name(record.state));
  if (record.state == SignerState::revoked &&
      (state != SignerState::revoked ||
       !is_graver(record.state, record.reason, record.state_at, reason, at))) {
    return fail(Code::usage, "the signer " + record.id + " is revoked for good", "nothing changed");
  }
  if (record.state == state && state != SignerState::revoked) {
    return fail(Code::usage, "the signer " + record.id + " is " + now + " already",
                "nothing changed");
  }
  record.state = state;
  record.state_at = at;
  record.reason = state == SignerState::revoked ? reason : "";
  SG_TRY(const EntryParent all, parent(kSigners));
  SG_CHECK(write_signer(all, record, key));
  return record;
}

Status Keystore::remove_signer(std::string_view id) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const SignerRecord record, find_signer(id));
  if (record.state == SignerState::revoked) {
    return fail(Code::usage, "the signer " + record.id + " is revoked for good",
                "its record stays, or who adds the key again would undo it");
  }
  SG_TRY(const EntryParent all, parent(kSigners));
  return remove_entry(all, entry_of(record.id));
}

}  // namespace sifguard
