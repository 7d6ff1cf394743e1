// What is final in a keystore and stays so, whatever a bundle contains. The owner of the keystore,
// in `sifctl`.
#include "keystore/bundle/keep_final.h"

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

bool is_final(KeyState state) {
  return state == KeyState::revoked || state == KeyState::destroyed;
}

/// Whether it is there, or what is remembered of it (removed_signers.h).
enum class Here { there, removed };

/// What can be taken back is, and is told.
void compare_states(const SignerRecord& own, Here here_is, const SignerRecord& coming,
                    KeptFinal& notes) {
  if (own.state != SignerState::retired) return;
  const std::string here = "the signer " + own.id + ", retired here since " +
                           format_utc(own.state_at) +
                           (here_is == Here::removed ? " and removed" : "");
  if (coming.state == SignerState::active) {
    notes.undone.push_back(here + ", is active in the bundle");
  } else if (coming.state == SignerState::retired && coming.state_at > own.state_at) {
    notes.undone.push_back(here + ", is retired since " + format_utc(coming.state_at) +
                           " in the bundle");
  }
}

void tell_kept(const SignerRecord& own, const KeptOfSigner& kept, KeptFinal& notes) {
  const std::string ending = ", as it was here; the bundle does not know";
  if (kept.revocation) {
    notes.kept.push_back("the signer " + own.id + " stays revoked (" + own.reason + ")" + ending);
  }
  for (const std::string& clause : kept.of_key) {
    notes.kept.push_back("the key " + own.id + " stays as it was here: " + clause +
                         "; the bundle does not know");
  }
  if (kept.incomparable.empty()) return;
  notes.undone.push_back("the key " + own.id +
                         " is replaced by that of the bundle; the two cannot "
                         "be compared: " +
                         kept.incomparable);
}

Status keep_of_there(const SignerEntry& own, Here here, SignerEntry& coming,
                     const MergeOpenPgp& merge, KeptFinal& notes) {
  compare_states(own.record, here, coming.record, notes);
  SG_TRY(const KeptOfSigner kept, keep_of_signer(own, coming, merge));
  tell_kept(own.record, kept, notes);
  return {};
}

SignerEntry* find_signer(StoreContent& content, const std::string& id) {
  const auto found = std::find_if(content.signers.begin(), content.signers.end(),
                                  [&](const SignerEntry& one) { return one.record.id == id; });
  return found == content.signers.end() ? nullptr : &*found;
}

Status keep_signer(const Keystore& keystore, const SignerRecord& own, StoreContent& content,
                   const MergeOpenPgp& merge, KeptFinal& notes) {
  SignerEntry* const coming = find_signer(content, own.id);
  if (coming == nullptr && own.state != SignerState::revoked) return {};
  SG_TRY(std::string key, keystore.signer_key(own.id));
  if (coming != nullptr) {
    return keep_of_there({own, std::move(key)}, Here::there, *coming, merge, notes);
  }
  content.signers.push_back({own, std::move(key)});
  return {};
}

Status keep_removed(const Keystore& keystore, StoreContent& content, const MergeOpenPgp& merge,
                    KeptFinal& notes) {
  SG_TRY(const auto removed, removed_signers(keystore));
  for (const SignerRecord& own : removed) {
    SignerEntry* const coming = find_signer(content, own.id);
    if (coming == nullptr) continue;
    SG_TRY(const auto remembered, find_removed_signer(keystore, own.id));
    if (!remembered) continue;
    SG_CHECK(keep_of_there(*remembered, Here::removed, *coming, merge, notes));
  }
  return {};
}

void end_key(KeyEntry& brought, const KeyRecord& own) {
  brought.record.state = own.state;
  brought.record.previous_state = own.previous_state;
  brought.record.state_since = own.state_since;
  brought.record.reason = own.reason;
  brought.record.has_private = false;
  brought.private_half = {};
}

Status keep_key(const Keystore& keystore, const KeyRecord& own, StoreContent& content,
                KeptFinal& notes) {
  const auto brought = std::find_if(content.keys.begin(), content.keys.end(),
                                    [&](const KeyEntry& one) { return one.record.id == own.id; });
  const bool there = brought != content.keys.end();
  if (own.state == KeyState::suspended && there && decrypts(brought->record.state)) {
    notes.undone.push_back("the key '" + own.name + "', suspended here, is " +
                           std::string(key_state_name(brought->record.state)) + " in the bundle");
  }
  if (!is_final(own.state)) return {};
  if (!there) {
    const bool taken =
        std::any_of(content.keys.begin(), content.keys.end(),
                    [&](const KeyEntry& one) { return one.record.name == own.name; });
    if (taken) return {};  // names are unique; the other key came with the bindings
    SG_TRY(KeyEntry entry, take_key(keystore, own.id));
    content.keys.push_back(std::move(entry));
    return {};
  }
  const KeyState state = brought->record.state;
  if (state == KeyState::destroyed || state == own.state) return {};
  end_key(*brought, own);
  notes.kept.push_back("the key '" + own.name + "' stays " +
                       std::string(key_state_name(own.state)) +
                       ", as it was here; the bundle does not know");
  return {};
}

bool has(const std::vector<RevokedDigest>& all, const std::string& digest) {
  return std::any_of(all.begin(), all.end(),
                     [&](const RevokedDigest& one) { return one.digest == digest; });
}

/// An image that only a bundle revoked runs again when a later one says so.
Status keep_digests(const Keystore& keystore, StoreContent& content, BundleState& state,
                    KeptFinal& notes) {
  SG_TRY(const auto own, revoked_digests(keystore));
  std::vector<RevokedDigest> theirs;
  if (!content.revoked.empty()) {
    SG_TRY(theirs, parse_revoked(content.revoked, kRevokedDigests));
  }
  std::vector<RevokedDigest> local;
  for (const RevokedDigest& one : own) {
    const bool came = contains(state.revoked, one.digest);
    if (!came) local.push_back(one);
    if (has(theirs, one.digest)) continue;
    auto& told = came ? notes.undone : notes.kept;
    told.push_back("the image " + one.digest +
                   (came ? ", revoked by an earlier bundle, may run again"
                         : " stays revoked, as it was here; the bundle does not know"));
  }
  state.revoked.clear();
  for (const RevokedDigest& one : theirs) {
    if (!has(local, one.digest)) state.revoked.push_back(one.digest);
  }
  const auto all = with_revoked(std::move(theirs), local);
  content.revoked = all.empty() ? std::string() : format_revoked(all);
  return {};
}

}  // namespace

Result<KeptFinal> keep_final(const Keystore& keystore, StoreContent& content, BundleState& state,
                             const MergeOpenPgp& merge) {
  KeptFinal notes;
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& own : signers) {
    SG_CHECK(keep_signer(keystore, own, content, merge, notes));
  }
  SG_CHECK(keep_removed(keystore, content, merge, notes));
  SG_TRY(const auto keys, keystore.keys());
  for (const KeyRecord& own : keys) SG_CHECK(keep_key(keystore, own, content, notes));
  SG_CHECK(keep_digests(keystore, content, state, notes));
  return notes;
}

Status remember_dropped(const Keystore& keystore, const StoreContent& content) {
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& own : signers) {
    const bool stays = std::any_of(content.signers.begin(), content.signers.end(),
                                   [&](const SignerEntry& one) { return one.record.id == own.id; });
    if (stays) continue;
    SG_CHECK(remember_signer(keystore, {own, keystore.signer_key(own.id).value_or("")}));
  }
  return {};
}

}  // namespace sifguard
