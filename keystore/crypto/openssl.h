// Helpers for OpenSSL: owned handles, errors, conversion of bytes. Any process, any privilege.
#pragma once

#include <openssl/bio.h>

#include <memory>
#include <string>
#include <string_view>

#include "keystore/base/error.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/rsa.h"

namespace sifguard {

/// `Owned<PKCS12, PKCS12_free>`: frees with the library's own function. No state, no size.
template <auto free_function>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};
template <typename T, auto free_function>
using Owned = std::unique_ptr<T, OpensslDeleter<free_function>>;
using Bio = Owned<BIO, BIO_free_all>;

/// An error that ends in OpenSSL's own reason, if it left one; empties its error queue.
[[nodiscard]] tl::unexpected<Error> fail_openssl(Code code, std::string what,
                                                 std::string remedy = {});
/// Whether the oldest error of the queue says that an algorithm is not available here.
[[nodiscard]] bool openssl_lacks_algorithm() noexcept;

/// A read-only view of `bytes`, which must outlive it; null when memory is short.
[[nodiscard]] Bio view_bio(std::span<const std::byte> bytes);
[[nodiscard]] inline const unsigned char* octets(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
[[nodiscard]] inline unsigned char* writable_octets(std::span<std::byte> bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

/// `key` as PEM in `structure` (an OSSL_ENCODER output structure). The private form goes through a
/// BIO that wipes its memory.
[[nodiscard]] Result<SecretBytes> private_pem(const EVP_PKEY* key, const char* structure);
[[nodiscard]] Result<std::string> public_pem(const EVP_PKEY* key, const char* structure);

/// RSA (not RSA-PSS) of 2048 to 8192 bits with an odd public exponent from 3 to 64 bits.
/// Errors: Code::refused, which says what the key is instead.
Status check_rsa(const EVP_PKEY* key);

/// The least public exponent of RSA keys that count or are accepted (NIST SP 800-56B, FIPS 186-5):
/// with 3, one mistake in padding or in a verifier reveals a message or allows a forged signature.
inline constexpr unsigned long kLeastExponent = 65537;
[[nodiscard]] bool has_small_exponent(const EVP_PKEY* key) noexcept;
/// Errors: Code::refused for an RSA key that has_small_exponent().
Status check_exponent(const EVP_PKEY* key);

/// Larger files than this are not keys, certificates or PFX.
inline constexpr std::size_t kMaxKeyFile = std::size_t{256} * 1024;

}  // namespace sifguard
