// Whether the keys of a keystore match their records, and what a backup contains. The owner of the
// directory, in `sifctl`; private keys are decrypted and wiped.
#include "keystore/store/authority_store.h"
#include "keystore/store/key_entry.h"
#include "keystore/store/keystore.h"
#include "keystore/store/own_keys.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

/// The private half and the public half of an entry belong to its id.
Status check_halves(const KeyEntry& entry, const std::string& id) {
  auto half = RsaPublicKey::from_pem(entry.public_pem);
  if (!half) return tl::unexpected(half.error());
  SG_TRY(const std::string own, half->id());
  if (own != id) return fail(Code::config, "the public half is another key's");
  if (entry.private_half.empty() || !entry.record.token.empty()) return {};
  auto loaded = RsaPrivateKey::from_pem(entry.private_half, nullptr);
  if (!loaded) return tl::unexpected(loaded.error());
  SG_TRY(const RsaPublicKey other, loaded->public_key());
  SG_TRY(const std::string opened, other.id());
  if (opened != id) return fail(Code::config, "the private half is another key's");
  return {};
}

}  // namespace

Result<StoreKey> Keystore::copy_store_key() const {
  StoreKeys store_keys(seal_place());
  SG_TRY(const auto known, store_keys.seals());
  if (known.size() != 1) {
    return fail(Code::config, "a reseal of the keystore was interrupted",
                "finish it with sifctl reseal");
  }
  SG_TRY(const StoreKey* const key, store_keys.current());
  SG_TRY(SecretBytes secret, SecretBytes::copy_of(key->secret.bytes()));
  return StoreKey{key->id, std::move(secret)};
}

Result<std::string> Keystore::key_certificate(const KeyRecord& key) const {
  if (key.thumbprint.empty()) return std::string();
  SG_TRY(const EntryParent all, parent(kKeys));
  StoreKeys unused(seal_place());
  SG_TRY(KeyEntry entry, read_key_entry(all, key.id, PrivateHalf::leave, unused, trust_));
  return std::move(entry.certificate_pem);
}

Result<std::vector<std::pair<std::string, Error>>> Keystore::check_private_halves() const {
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(const auto ids, list_entries(all));
  StoreKeys store_keys(seal_place());
  SG_CHECK(store_keys.current());
  std::vector<std::pair<std::string, Error>> damaged;
  for (const std::string& id : ids) {
    const auto entry = read_key_entry(all, id, PrivateHalf::open, store_keys, trust_);
    const Status good = entry ? check_halves(*entry, id) : tl::unexpected(entry.error());
    if (good || !has_entry(all, id)) continue;  // or it was destroyed meanwhile
    damaged.emplace_back(std::string(kKeys) + "/" + id, good.error());
  }
  if (const auto own = check_own_keys(*this, store_keys); !own) {
    damaged.emplace_back(kOwnKeys, own.error());
  }
  if (const auto good = check_authorities(*this, store_keys); !good) {
    damaged.emplace_back("ca", good.error());
  }
  return damaged;
}

}  // namespace sifguard
