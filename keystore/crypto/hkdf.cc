// HKDF-SHA256 (RFC 5869). Any privilege.
#include "keystore/crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "keystore/base/fd.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {

Result<SecretBytes> hkdf_sha256(const SecretBytes& from, std::string_view use) {
  const auto octet_string = [](const char* name, std::span<const std::byte> bytes) {
    auto* const data = const_cast<std::byte*>(bytes.data());  // NOLINT(*-const-cast): only read
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
  };
  std::array<char, 7> digest = {"SHA256"};
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octet_string(OSSL_KDF_PARAM_KEY, from.bytes()),
      octet_string(OSSL_KDF_PARAM_INFO, as_bytes(use)), OSSL_PARAM_construct_end()};
  const Owned<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  SG_TRY(SecretBytes key, SecretBytes::allocate(kHkdfBytes));
  if (!context || EVP_KDF_derive(context.get(), writable_octets(key.bytes()), key.size(),
                                 parameters.data()) != 1) {
    return fail_openssl(Code::internal, "HKDF failed");
  }
  return key;
}

}  // namespace sifguard
