// aes-xts-plain64: the sectors of a LUKS device. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/luks_sectors.h"

#include <openssl/evp.h>

#include <array>

#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::size_t kKey = 64;
constexpr std::uint64_t kTweakUnit = 512;

using Tweak = std::array<unsigned char, 16>;

Tweak plain64(std::uint64_t number) {
  Tweak tweak{};
  for (std::size_t i = 0; i < sizeof number; ++i) {
    tweak[i] = static_cast<unsigned char>(number >> (8 * i));
  }
  return tweak;
}

}  // namespace

Status decrypt_sectors(const SecretBytes& key, std::uint32_t sector_bytes, std::uint64_t first,
                       std::span<std::byte> sectors) {
  if (key.size() != kKey) return fail(Code::internal, "a key of a wrong size");
  const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> cipher(EVP_CIPHER_CTX_new());
  if (!cipher || EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_xts(), octets(key.bytes()), nullptr,
                                     nullptr) != 1) {
    return fail_openssl(Code::internal, "AES-256-XTS is not available, or not with this key");
  }
  for (std::uint64_t unit = first * (sector_bytes / kTweakUnit); !sectors.empty();
       unit += sector_bytes / kTweakUnit) {
    const auto sector = sectors.first(sector_bytes);
    const Tweak tweak = plain64(unit);
    int done = 0;
    if (EVP_DecryptInit_ex2(cipher.get(), nullptr, nullptr, tweak.data(), nullptr) != 1 ||
        EVP_DecryptUpdate(cipher.get(), writable_octets(sector), &done, octets(sector),
                          static_cast<int>(sector.size())) != 1) {
      return fail_openssl(Code::internal, "AES-256-XTS failed");
    }
    sectors = sectors.subspan(sector_bytes);
  }
  return {};
}

}  // namespace sifguard
