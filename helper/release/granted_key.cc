// What every release begins with. Root.
#include "helper/release/granted_key.h"

#include "helper/release/crypto_message.h"

namespace sifguard {
namespace {

Status check_id(const KeyGrant& grant, const std::string& id) {
  if (id == grant.key().id) return {};
  return fail(Code::internal, "the key is not the one granted");
}

}  // namespace

Status check_own_image(const KeyRecord& key, const std::string& digest) {
  if (key.image.empty() || key.image == "sha256:" + digest) return {};
  return fail(Code::denied, "key " + key.name + " belongs to another, published image");
}

Status check_granted(const KeyGrant& grant, const StoredPrivateKey& key) {
  return check_id(grant, key.id());
}

Result<RsaPublicKey> granted_half(const KeyGrant& grant, const RsaPrivateKey& key) {
  SG_TRY(RsaPublicKey half, key.public_key());
  SG_TRY(const std::string id, half.id());
  SG_CHECK(check_id(grant, id));
  return half;
}

Result<SecretBytes> open_message(std::string_view text, const RsaPrivateKey& key) {
  SG_TRY(const auto cipher, parse_crypto_message(text));
  return unwrap_volume_key(cipher, key);
}

}  // namespace sifguard
