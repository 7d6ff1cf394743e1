// What every release begins with. Root.
#include "helper/release/granted_key.h"

#include "helper/release/crypto_message.h"

namespace sifguard {

Status check_own_image(const KeyRecord& key, const std::string& digest) {
  if (key.image.empty() || key.image == "sha256:" + digest) return {};
  return fail(Code::denied, "key " + key.name + " is of another, published image");
}

Result<RsaPublicKey> granted_half(const KeyGrant& grant, const RsaPrivateKey& key) {
  SG_TRY(RsaPublicKey half, key.public_key());
  SG_TRY(const std::string id, half.id());
  if (id != grant.key().id) return fail(Code::internal, "the key is not the one granted");
  return half;
}

Result<SecretBytes> open_message(std::string_view text, const RsaPrivateKey& key) {
  SG_TRY(const auto cipher, parse_crypto_message(text));
  return unwrap_volume_key(cipher, key);
}

}  // namespace sifguard
