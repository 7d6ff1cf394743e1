// The private key as it is stored in a keystore. Root on nodes; the owner of the keystore in
// `sifctl`.
#include "keystore/store/stored_key.h"

#include "keystore/crypto/hkdf.h"
#include "keystore/store/store_files.h"

namespace sifguard {

Result<RsaPrivateKey> StoredPrivateKey::open() const {
  if (!entry_.record.token.empty()) {
    SG_TRY(RsaPublicKey half, public_half_of(entry_, keys_));
    return RsaPrivateKey::in_token(entry_.record.token, std::move(half));
  }
  const std::string file = keys_ + "/" + id() + "/" + kPrivate;
  auto opened = RsaPrivateKey::from_pem(entry_.private_half, nullptr);
  if (!opened) return fail(Code::config, file + ": " + opened.error().what());
  SG_TRY(const RsaPublicKey half, opened->public_key());
  SG_TRY(const std::string own, half.id());
  if (own != id()) return fail(Code::config, file + " is the private half of another key");
  return opened;
}

Result<std::optional<SecretBytes>> StoredPrivateKey::derive(std::string_view use) const {
  if (!entry_.record.token.empty()) return std::optional<SecretBytes>();
  if (entry_.private_half.empty()) return fail(Code::internal, "a private half is not there");
  SG_TRY(SecretBytes key, hkdf_sha256(entry_.private_half, use));
  return std::optional(std::move(key));
}

}  // namespace sifguard
