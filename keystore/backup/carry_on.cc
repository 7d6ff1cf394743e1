// What a restored keystore takes over from the one that it replaces. The owner of the keystore, in
// `sifctl`.
#include "keystore/backup/carry_on.h"

#include <time.h>

#include <algorithm>
#include <set>

#include "keystore/bundle/keep_signer.h"
#include "keystore/bundle/serial.h"
#include "keystore/ca/merge.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/signer_entry.h"
#include "keystore/store/store_files.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/trust/authorities.h"
#include "keystore/trust/newer.h"

namespace sifguard {
namespace {

/// An older bundle than the last one is not taken because a backup was older still.
bool keep_taken(const BundleState& seen, BundleState& state) {
  bool newer = false;
  for (const TakenBundle& one : seen.taken) newer = record_taken(state, one) || newer;
  if (!newer) return false;
  state.from = seen.from;
  state.imported = seen.imported;
  state.revoked = seen.revoked;
  state.content.clear();  // the backup has another
  return true;
}

bool keep_exported(const BundleState& seen, BundleState& state) {
  if (seen.store != state.store) return false;
  bool newer = false;
  for (const ExportedNode& one : seen.nodes) newer = record_exported(state, one) || newer;
  if (seen.exported <= state.exported) return newer;
  state.exported = seen.exported;
  state.exported_at = seen.exported_at;
  return true;
}

Status keep_serials(const Keystore& before, const Keystore& made) {
  const auto seen = read_bundle_state(before);
  if (!seen) return {};
  SG_TRY(BundleState state, read_bundle_state(made));
  const bool newer = keep_taken(*seen, state);
  const bool exported = keep_exported(*seen, state);
  return newer || exported ? write_bundle_state(made, state) : Status();
}

/// By what launches make of the lists: of one that no CA of the backup signed a number says
/// nothing.
Status keep_lists(const Keystore& before, const Keystore& made) {
  const auto own = trust_items(before, TrustKind::crl);
  const auto authorities = known_authorities(made);
  if (!own || !authorities) return {};
  SG_TRY(const auto there, trust_items(made, TrustKind::crl));
  for (const StayingList& list : staying_lists(*own, there, *authorities, ::time(nullptr))) {
    SG_CHECK(add_trust_item(made, TrustKind::crl, list.item));
  }
  return {};
}

const TrustItem* find(const std::vector<TrustItem>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const TrustItem& one) { return one.name == name; });
  return found == items.end() ? nullptr : &*found;
}

/// The answers that `made` should have: where both have one, that which may replace the other.
Result<std::vector<TrustItem>> newest_answers(const Keystore& before, const Keystore& made) {
  StoreContent content;
  SG_TRY(const auto signers, made.signers());
  for (const SignerRecord& signer : signers) {
    SG_TRY(std::string key, made.signer_key(signer.id));
    content.signers.push_back({signer, std::move(key)});
  }
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(const auto items, trust_items(made, kind));
    for (const TrustItem& item : items) content.trust.emplace_back(kind, item);
  }
  SG_TRY(const auto notes, keep_newer_proofs(before, content, ::time(nullptr)));
  std::vector<TrustItem> answers;
  for (const auto& [kind, item] : content.trust) {
    if (kind == TrustKind::response) answers.push_back(item);
  }
  return answers;
}

/// Answers of OCSP responders say little without the record of when they came.
Status keep_answers(const Keystore& before, const Keystore& made) {
  const auto items = trust_items(before, TrustKind::response);
  const auto records = fetched_records(before);
  if (!items || !records || records->empty()) return {};
  SG_TRY(const auto there, trust_items(made, TrustKind::response));
  const auto newest = newest_answers(before, made).value_or(there);
  std::set<std::string> kept;
  for (const TrustItem& item : *items) {
    const TrustItem* const chosen = find(newest, item.name);
    const bool is_newer = chosen == nullptr || chosen->text == item.text;
    if (item.text.empty() || !is_newer) continue;
    SG_CHECK(add_trust_item(made, TrustKind::response, item));
    kept.insert(item.name);
  }
  SG_TRY(auto all, fetched_records(made));
  for (const FetchedRecord& one : *records) {
    const bool is_list = one.kind == trust_kind_name(TrustKind::crl);
    if (!is_list && kept.count(one.name) == 0) continue;
    std::erase_if(all, [&](const FetchedRecord& old) {
      return old.kind == one.kind && old.name == one.name;
    });
    all.push_back(one);
  }
  SG_TRY(const FileLock held, made.lock());
  return set_fetched_records(made, all);
}

Status keep_revoked(const Keystore& before, const Keystore& made) {
  const auto revoked = revoked_digests(before);
  return revoked ? add_revoked_digests(made, *revoked) : Status();
}

/// Puts into the entry of `made`, of the same id, what `own` has for good.
Status keep_there(const SignerEntry& own, SignerEntry coming, const EntryParent& signers,
                  const MergeOpenPgp& merge) {
  const std::string before = coming.key;
  SG_TRY(const KeptOfSigner kept, keep_of_signer(own, coming, merge));
  if (kept.is_nothing() && coming.key == before) return {};
  return write_signer(signers, coming.record, coming.key);
}

/// What is remembered of a signer that the backup does not have, of both keystores.
Status remember_also(const SignerEntry& own, const Keystore& made, const MergeOpenPgp& merge) {
  SG_TRY(const auto there, find_removed_signer(made, own.record.id));
  SignerEntry all = own;
  if (there) {
    SG_TRY(const KeptOfSigner kept, keep_of_signer(*there, all, merge));
  }
  return remember_signer(made, all);
}

/// One that is revoked stays so although the backup does not have it: who adds it again would undo
/// that. Of others it is remembered how they were.
Status keep_signer(const SignerEntry& own, const Keystore& made, const EntryParent& signers,
                   const MergeOpenPgp& merge) {
  const auto there = made.find_signer(own.record.id);
  if (!there) {
    return own.record.state == SignerState::revoked ? write_signer(signers, own.record, own.key)
                                                    : remember_also(own, made, merge);
  }
  SG_TRY(std::string key, made.signer_key(own.record.id));
  return keep_there(own, {*there, std::move(key)}, signers, merge);
}

/// Those of the keystore that is replaced: who is in it, and who was.
std::vector<SignerEntry> known_signers(const Keystore& before) {
  std::vector<SignerEntry> all;
  for (const SignerRecord& record : before.signers().value_or(std::vector<SignerRecord>{})) {
    auto key = before.signer_key(record.id);
    if (key) all.push_back({record, *std::move(key)});
  }
  for (const SignerRecord& record : removed_signers(before).value_or(std::vector<SignerRecord>{})) {
    auto remembered = find_removed_signer(before, record.id);
    if (remembered && *remembered) all.push_back(**std::move(remembered));
  }
  return all;
}

Status keep_signers(const Keystore& before, const Keystore& made, const MergeOpenPgp& merge) {
  SG_TRY(const FileLock held, made.lock());
  SG_TRY(const EntryParent top, made.top());
  SG_TRY(const EntryParent signers, make_parent(top, kSigners, made.trust()));
  for (const SignerEntry& own : known_signers(before)) {
    auto done = keep_signer(own, made, signers, merge);
    // Without gpg nothing is known of the two copies: that was told, and is no reason to have none.
    if (!done && done.error().code() != Code::unavailable) return done;
  }
  return {};
}

/// A CA that cannot be read says nothing; one that is read, all.
Status keep_ca(const Keystore& before, const Keystore& made) {
  if (!ca_index(before) || !ca_certificates(before)) return {};
  return carry_ca_over(before, made);
}

}  // namespace

Status carry_on(const Keystore& before, const Keystore& made, const MergeOpenPgp& merge) {
  SG_CHECK(keep_serials(before, made));
  SG_CHECK(keep_revoked(before, made));
  SG_CHECK(keep_lists(before, made));
  SG_CHECK(keep_answers(before, made));
  SG_CHECK(keep_signers(before, made, merge));
  return keep_ca(before, made);
}

}  // namespace sifguard
