// What is for good in a keystore and stays so, whatever a bundle brings. The owner of the keystore,
// in `sifctl`.
#include "keystore/bundle/keep_final.h"

#include <algorithm>

#include "keystore/store/signer_revocation.h"

namespace sifguard {
namespace {

using Notes = std::vector<std::string>;

bool is_final(KeyState state) {
  return state == KeyState::revoked || state == KeyState::destroyed;
}

Status keep_signer(const Keystore& keystore, const SignerRecord& own, StoreContent& content,
                   Notes& notes) {
  if (own.state != SignerState::revoked) return {};
  const auto brought =
      std::find_if(content.signers.begin(), content.signers.end(),
                   [&](const SignerEntry& one) { return one.record.id == own.id; });
  if (brought == content.signers.end()) {
    SG_TRY(std::string key, keystore.signer_key(own.id));
    content.signers.push_back({own, std::move(key)});
    return {};
  }
  SignerRecord& record = brought->record;
  if (!is_graver(record.state, record.reason, record.state_at, own.reason, own.state_at)) {
    return {};
  }
  record.state = own.state;
  record.state_at = own.state_at;
  record.reason = own.reason;
  notes.push_back("the signer " + own.id + " stays revoked (" + own.reason +
                  "), as it was here; the bundle does not know");
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
                Notes& notes) {
  const auto brought = std::find_if(content.keys.begin(), content.keys.end(),
                                    [&](const KeyEntry& one) { return one.record.id == own.id; });
  const bool there = brought != content.keys.end();
  if (own.state == KeyState::suspended && there && decrypts(brought->record.state)) {
    notes.push_back("the key '" + own.name + "', suspended here, is " +
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
  notes.push_back("the key '" + own.name + "' stays " + std::string(key_state_name(own.state)) +
                  ", as it was here; the bundle does not know");
  return {};
}

}  // namespace

Result<Notes> keep_final(const Keystore& keystore, StoreContent& content) {
  Notes notes;
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& own : signers) SG_CHECK(keep_signer(keystore, own, content, notes));
  SG_TRY(const auto keys, keystore.keys());
  for (const KeyRecord& own : keys) SG_CHECK(keep_key(keystore, own, content, notes));
  return notes;
}

}  // namespace sifguard
