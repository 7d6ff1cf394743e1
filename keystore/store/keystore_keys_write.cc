// Adding keys to a keystore and changing their records, each under the keystore's lock and by one
// exchange of the key's directory. The owner of the directory, in `sifctl`.
#include <time.h>

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/store/key_entry.h"
#include "keystore/store/keystore.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

Result<RsaPublicKey> public_half(const Keystore::NewKey& key) {
  if (key.private_key != nullptr) return key.private_key->public_key();
  if (key.public_key != nullptr) {
    SG_TRY(const std::string pem, key.public_key->spki_pem());
    return RsaPublicKey::from_pem(pem);
  }
  return fail(Code::internal, "no key given to the keystore");
}

Result<KeyEntry> prepare(const Keystore::NewKey& key) {
  if (!is_name(key.name)) {
    return fail(Code::usage, "not a usable name for a key: '" + printable(key.name, 100) + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  SG_TRY(const RsaPublicKey half, public_half(key));
  KeyEntry entry;
  KeyRecord& record = entry.record;
  SG_TRY(record.id, half.id());
  record.name = key.name;
  record.bits = half.bits();
  record.created = ::time(nullptr);
  record.state_since = record.created;
  record.has_private = key.private_key != nullptr;
  record.predecessor = key.predecessor;
  record.image = key.image;
  if (key.rule) record.rule = *key.rule;
  SG_TRY(entry.public_pem, half.spki_pem());
  if (record.has_private) {
    record.token = key.private_key->token_uri();
    SG_TRY(entry.private_half, record.token.empty() ? key.private_key->pkcs8_pem()
                                                    : SecretBytes::copy_of(as_bytes(record.token)));
  }
  if (key.certificate != nullptr) {
    const EVP_PKEY* const own = X509_get0_pubkey(key.certificate);
    auto held = RsaPublicKey::from_pkey(own);
    if (!held || held->id() != record.id) {
      return fail(Code::refused, "the certificate is not of this key");
    }
    SG_TRY(record.thumbprint, certificate_thumbprint(*key.certificate));
    SG_TRY(entry.certificate_pem, certificate_pem(*key.certificate));
  }
  return entry;
}

/// What a stored key and a new one, of which it has the id or the name, have to do with each other.
Status check_same(const KeyRecord& old, const KeyRecord& fresh) {
  if (old.id != fresh.id) {
    return fail(Code::exists, "the keystore has another key named '" + fresh.name + "'",
                "choose another name");
  }
  const bool of_use = old.state != KeyState::destroyed && old.state != KeyState::revoked;
  if (old.name != fresh.name && !of_use) {
    return fail(Code::exists,
                "this key is in the keystore under the name '" + old.name + "', and is " +
                    std::string(key_state_name(old.state)) + " for good",
                "import another key, or make one with sifctl key create");
  }
  if (old.name != fresh.name) {
    return fail(Code::exists,
                "this key is already in the keystore under the name '" + old.name + "'",
                "use that name; a key has one name");
  }
  if (old.state == KeyState::destroyed) {
    return fail(Code::wrong_state, "the key '" + old.name + "' was destroyed",
                "a destroyed key is not taken in again");
  }
  if (!fresh.thumbprint.empty() && !old.thumbprint.empty() && fresh.thumbprint != old.thumbprint) {
    return fail(Code::exists,
                "the key '" + old.name + "' has another certificate, " + old.thumbprint,
                "it is only a label, to which bindings may refer: import the key without another");
  }
  return {};
}

/// Adds to the stored key what it lacks and the new one has; what was decided about it stays.
Result<Keystore::Added> complete(KeyEntry& stored, KeyEntry&& fresh) {
  auto outcome = Keystore::Added::unchanged;
  if (!stored.record.has_private && fresh.record.has_private) {
    stored.record.has_private = true;
    stored.record.token = fresh.record.token;
    stored.private_half = std::move(fresh.private_half);
    outcome = Keystore::Added::added;
  }
  if (stored.record.thumbprint.empty() && !fresh.record.thumbprint.empty()) {
    stored.record.thumbprint = fresh.record.thumbprint;
    stored.certificate_pem = std::move(fresh.certificate_pem);
    outcome = Keystore::Added::added;
  }
  return outcome;
}

/// Gives a new key the rule of the one that it replaces.
Status succeed(KeyRecord& record, const std::vector<KeyRecord>& all) {
  for (const KeyRecord& other : all) {
    if (other.predecessor == record.predecessor) {
      return fail(Code::wrong_state, "the key is replaced already, by '" + other.name + "'",
                  "rotate that one");
    }
    if (other.id == record.predecessor) record.rule = other.rule;
  }
  return {};
}

}  // namespace

Result<Keystore::AddResult> Keystore::add_key(const NewKey& key) {
  SG_TRY(KeyEntry fresh, prepare(key));
  SG_TRY(const FileLock held, lock());
  SG_TRY(const auto all, keys());
  SG_TRY(const EntryParent parents, parent(kKeys));
  StoreKeys store_keys(seal_place());
  const KeyRecord* same = nullptr;
  for (const KeyRecord& old : all) {
    if (old.id != fresh.record.id && old.name != fresh.record.name) continue;
    SG_CHECK(check_same(old, fresh.record));
    same = &old;
  }
  if (same == nullptr) {
    SG_TRY(const RsaPublicKey half, RsaPublicKey::from_pem(fresh.public_pem));
    SG_CHECK(half.check_exponent());
    if (!key.predecessor.empty()) SG_CHECK(succeed(fresh.record, all));
    SG_CHECK(write_key_entry(parents, fresh, store_keys));
    return AddResult{Added::added, fresh.record};
  }
  SG_TRY(KeyEntry stored, read_key_entry(parents, same->id, PrivateHalf::open, store_keys, trust_));
  SG_TRY(const Added outcome, complete(stored, std::move(fresh)));
  if (outcome == Added::added) SG_CHECK(write_key_entry(parents, stored, store_keys));
  return AddResult{outcome, stored.record};
}

Result<KeyRecord> Keystore::step_key(const std::string& id, KeyStep step,
                                     const std::string& reason) {
  if (step == KeyStep::revoke) SG_CHECK(check_revocation_reason(reason));
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kKeys));
  StoreKeys store_keys(seal_place());
  const bool destroy = step == KeyStep::destroy;  // which what is damaged can be, too
  SG_TRY(KeyEntry entry, read_key_entry(all, id, destroy ? PrivateHalf::leave : PrivateHalf::open,
                                        store_keys, trust_));
  KeyRecord& record = entry.record;
  auto next = next_state(record.state, record.previous_state, step);
  if (!next) {
    Error error = std::move(next).error();
    return tl::unexpected(
        Error(error.code(), "the key '" + record.name + "' " + error.what(), error.remedy()));
  }
  record.previous_state = record.state;
  record.state = *next;
  record.state_since = ::time(nullptr);
  if (step == KeyStep::revoke) record.reason = reason;
  if (!destroy) {
    SG_CHECK(write_key_entry(all, entry, store_keys));
    return record;
  }
  record.has_private = false;
  SG_TRY(OldPrivateHalf old, OldPrivateHalf::hold(all, id, OldPrivateHalf::Which::any, trust_));
  SG_CHECK(old.overwrite());  // before it is said: a crash in between leaves it to be done again
  SG_CHECK(write_key_entry(all, entry, store_keys));
  return record;
}

Status Keystore::set_key_rule(const std::string& id, const KeyRule& rule) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kKeys));
  StoreKeys store_keys(seal_place());
  SG_TRY(KeyEntry entry, read_key_entry(all, id, PrivateHalf::open, store_keys, trust_));
  entry.record.rule = rule;
  return write_key_entry(all, entry, store_keys);
}

}  // namespace sifguard
