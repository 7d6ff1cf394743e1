// SHA-256 in one call and in pieces. Any process, any privilege.
#include "keystore/crypto/digest.h"

namespace sifguard {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  good_ = context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
}

void Sha256::update(std::span<const std::byte> data) noexcept {
  if (good_ && !data.empty()) {
    good_ = EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1;
  }
}

Result<Sha256Digest> Sha256::finish() {
  Sha256Digest digest{};
  unsigned int size = 0;
  const bool finished =
      good_ && EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                  &size) == 1;
  good_ = false;  // a second call must not pass for the digest of nothing
  if (!finished || size != digest.size()) return fail(Code::internal, "cannot compute SHA-256");
  return digest;
}

Result<Sha256Digest> sha256(std::span<const std::byte> data) {
  Sha256 hash;
  hash.update(data);
  return hash.finish();
}

}  // namespace sifguard
