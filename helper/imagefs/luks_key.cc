// From a password to a LUKS2 volume key. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/luks_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "helper/imagefs/luks_sectors.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::uint32_t kAreaSector = 512;

Result<SecretBytes> pbkdf2(const SecretBytes& secret, std::string_view salt,
                           std::uint32_t iterations, std::size_t size) {
  SG_TRY(SecretBytes key, SecretBytes::allocate(size));
  if (PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(secret.bytes().data()),
                        static_cast<int>(secret.size()), octets(as_bytes(salt)),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(size), writable_octets(key.bytes())) != 1) {
    return fail_openssl(Code::config, "cannot derive the image's key by PBKDF2");
  }
  return key;
}

Result<SecretBytes> slot_key(const LuksMetadata& metadata, const SecretBytes& password) {
  if (const auto* argon = std::get_if<Argon2Cost>(&metadata.cost)) {
    return argon2id(password, as_bytes(metadata.salt), *argon, kLuksKey);
  }
  const auto& cost = std::get<Pbkdf2Cost>(metadata.cost);
  return pbkdf2(password, metadata.salt, cost.iterations, kLuksKey);
}

/// Each part of the size of a digest becomes the digest of its number and itself.
Status diffuse(std::span<std::byte> bytes) {
  constexpr std::size_t kPart = sizeof(Sha256Digest);
  static_assert(kLuksKey % kPart == 0);
  for (std::uint32_t number = 0; !bytes.empty(); ++number) {
    const auto part = bytes.first(kPart);
    const std::array big_endian = {std::byte(number >> 24U), std::byte(number >> 16U),
                                   std::byte(number >> 8U), std::byte(number)};
    Sha256 hash;
    hash.update(big_endian);
    hash.update(part);
    SG_TRY(Sha256Digest digest, hash.finish());
    std::ranges::copy(digest, part.begin());
    wipe(digest);
    bytes = bytes.subspan(kPart);
  }
  return {};
}

Result<SecretBytes> merge(const SecretBytes& stripes) {
  SG_TRY(SecretBytes key, SecretBytes::allocate(kLuksKey));
  for (std::size_t i = 0; i < kLuksStripes; ++i) {
    if (i != 0) SG_CHECK(diffuse(key.bytes()));
    const auto stripe = stripes.bytes().subspan(i * kLuksKey, kLuksKey);
    std::ranges::transform(key.bytes(), stripe, key.bytes().begin(),
                           [](std::byte a, std::byte b) { return a ^ b; });
  }
  return key;
}

Status check_digest(const LuksMetadata& metadata, const SecretBytes& key) {
  SG_TRY(const SecretBytes digest,
         pbkdf2(key, metadata.digest_salt, metadata.digest_iterations, metadata.digest.size()));
  if (CRYPTO_memcmp(digest.bytes().data(), metadata.digest.data(), digest.size()) != 0) {
    return fail(Code::refused, "the image's key does not open its LUKS header");
  }
  return {};
}

}  // namespace

Result<SecretBytes> luks_volume_key(const BlockSource& partition, const LuksMetadata& metadata,
                                    const SecretBytes& password) {
  SG_TRY(const SecretBytes opener, slot_key(metadata, password));
  SG_TRY(SecretBytes stripes, SecretBytes::allocate(kLuksStripes * kLuksKey));
  SG_CHECK(partition.read(metadata.area_offset, stripes.bytes()));
  SG_CHECK(decrypt_sectors(opener, kAreaSector, 0, stripes.bytes()));
  SG_TRY(SecretBytes key, merge(stripes));
  SG_CHECK(check_digest(metadata, key));
  return key;
}

}  // namespace sifguard
