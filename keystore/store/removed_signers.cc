// What is remembered about removed signers. Root on nodes; the owner of the keystore in
// `sifctl`.
#include "keystore/store/removed_signers.h"

#include <algorithm>

#include "keystore/store/signer_entry.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

/// Nullopt where there is nothing to be remembered yet.
Result<std::optional<EntryParent>> open_removed(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return find_parent(top, kRemovedSigners, keystore.trust());
}

Result<bool> is_there(const Keystore& keystore, const std::string& entry) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent signers, open_parent(top, kSigners, keystore.trust()));
  return has_entry(signers, entry);
}

bool is_worth_it(const SignerRecord& record) {
  return record.state != SignerState::active || record.type() == SignerType::openpgp;
}

}  // namespace

Result<std::vector<SignerRecord>> removed_signers(const Keystore& keystore) {
  SG_TRY(const auto removed, open_removed(keystore));
  std::vector<SignerRecord> records;
  if (!removed) return records;
  SG_CHECK(read_entries(*removed, [&](const std::string& entry) -> Status {
    SG_TRY(const bool again, is_there(keystore, entry));
    if (again) return {};
    SG_TRY(SignerRecord record, read_signer_record(*removed, entry, keystore.trust()));
    records.push_back(std::move(record));
    return {};
  }));
  return records;
}

Result<std::optional<SignerEntry>> find_removed_signer(const Keystore& keystore,
                                                       const std::string& id) {
  const std::string entry = signer_entry_name(id);
  SG_TRY(const auto removed, open_removed(keystore));
  SG_TRY(const bool again, is_there(keystore, entry));
  if (!removed || again || !has_entry(*removed, entry)) return std::nullopt;
  SignerEntry found;
  SG_TRY(found.record, read_signer_record(*removed, entry, keystore.trust()));
  SG_TRY(found.key, read_signer_key(*removed, found.record, keystore.trust()));
  return std::optional(std::move(found));
}

Status remember_signer(const Keystore& keystore, const SignerEntry& gone) {
  if (!is_worth_it(gone.record)) return forget_removed_signer(keystore, gone.record.id);
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent removed, make_parent(top, kRemovedSigners, keystore.trust()));
  return write_signer(removed, gone.record, gone.key);
}

Status forget_removed_signer(const Keystore& keystore, const std::string& id) {
  SG_TRY(const auto removed, open_removed(keystore));
  const std::string entry = signer_entry_name(id);
  return removed && has_entry(*removed, entry) ? remove_entry(*removed, entry) : Status();
}

}  // namespace sifguard
