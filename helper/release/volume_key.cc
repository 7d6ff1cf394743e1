// Releasing an image's own key to the server of its mounted root. Root.
#include "helper/release/volume_key.h"

#include "helper/release/granted_key.h"
#include "helper/release/sealed_key.h"

namespace sifguard {
namespace {

/// Sealed keys of jobs have the digest alone (rekey.cc).
std::string context_of(const std::string& digest) {
  return "content key of " + digest;
}

}  // namespace

Result<VolumeKey> release_volume_key(const KeyGrant& grant, const StoredPrivateKey& stored,
                                     std::string_view message, const std::string& digest) {
  SG_CHECK(check_own_image(grant.key(), digest));
  SG_CHECK(check_granted(grant, stored));
  SG_TRY(const RsaPrivateKey long_term, stored.open());
  SG_TRY(SecretBytes password, open_message(message, long_term));
  return VolumeKey(std::move(password), false);
}

Result<std::vector<std::byte>> seal_content_key(const KeyGrant& grant,
                                                const StoredPrivateKey& stored,
                                                const SecretBytes& content_key,
                                                const std::string& digest) {
  SG_CHECK(check_own_image(grant.key(), digest));
  SG_CHECK(check_granted(grant, stored));
  return seal(content_key, stored, context_of(digest));
}

Result<VolumeKey> release_content_key(const KeyGrant& grant, const StoredPrivateKey& stored,
                                      std::span<const std::byte> sealed,
                                      const std::string& digest) {
  SG_CHECK(check_own_image(grant.key(), digest));
  SG_CHECK(check_granted(grant, stored));
  SG_TRY(SecretBytes key, unseal(sealed, stored, context_of(digest)));
  return VolumeKey(std::move(key), true);
}

}  // namespace sifguard
