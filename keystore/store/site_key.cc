// The key that the site itself signs with. Root on an admin's host.
#include "keystore/store/site_key.h"

#include "keystore/store/own_keys.h"

namespace sifguard {
namespace {

constexpr const char* kName = "site";

}  // namespace

Result<std::optional<SigningKey>> find_site_key(const Keystore& keystore) {
  SG_TRY(const auto pem, load_own_key(keystore, kName));
  if (!pem) return std::optional<SigningKey>();
  SG_TRY(SigningKey key, SigningKey::from_pem(*pem, nullptr));
  return std::optional<SigningKey>(std::move(key));
}

Result<SigningKey> site_key(const Keystore& keystore) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(auto found, find_site_key(keystore));
  if (found) return *std::move(found);
  SG_TRY(SigningKey made, SigningKey::generate());
  SG_TRY(const SecretBytes pem, made.pkcs8_pem());
  SG_CHECK(add_own_key(keystore, held, kName, pem));
  return made;
}

}  // namespace sifguard
