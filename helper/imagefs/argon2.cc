// Argon2id (RFC 9106): by OpenSSL from 3.2 on, before by libargon2. Any privilege.
#include "helper/imagefs/argon2.h"

#include <openssl/opensslv.h>

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "keystore/crypto/openssl.h"
#else
#include <argon2.h>
#endif

namespace sifguard {

#if OPENSSL_VERSION_NUMBER >= 0x30200000L

Result<SecretBytes> argon2id(const SecretBytes& password, std::span<const std::byte> salt,
                             const Argon2Cost& cost, std::size_t size) {
  SG_TRY(SecretBytes key, SecretBytes::allocate(size));
  const auto bytes = [](const char* name, std::span<const std::byte> value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(value.data()),
                                             value.size());
  };
  Argon2Cost own = cost;
  std::uint32_t threads = 1;
  const std::array parameters = {
      bytes(OSSL_KDF_PARAM_PASSWORD, password.bytes()),
      bytes(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &own.passes),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &own.memory_kib),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &own.lanes),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &threads),
      OSSL_PARAM_construct_end()};
  const Owned<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, "ARGON2ID", nullptr));
  if (!kdf) return fail_openssl(Code::config, "OpenSSL has no Argon2id here");
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(kdf.get()));
  if (!context || EVP_KDF_derive(context.get(), writable_octets(key.bytes()), key.size(),
                                 parameters.data()) != 1) {
    return fail_openssl(Code::temporary, "cannot derive the image's key by Argon2id");
  }
  return key;
}

#else

namespace {

std::uint8_t* start_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<std::uint8_t*>(
      const_cast<std::byte*>(bytes.data()));  // NOLINT(*-const-cast): only read
}

}  // namespace

Result<SecretBytes> argon2id(const SecretBytes& password, std::span<const std::byte> salt,
                             const Argon2Cost& cost, std::size_t size) {
  SG_TRY(SecretBytes key, SecretBytes::allocate(size));
  argon2_context context{};
  context.out = start_of(key.bytes());
  context.outlen = static_cast<std::uint32_t>(key.size());
  context.pwd = start_of(password.bytes());
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = start_of(salt);
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  const int error = ::argon2id_ctx(&context);
  if (error != ARGON2_OK) {
    return fail(Code::temporary, std::string("cannot derive the image's key by Argon2id: ") +
                                     ::argon2_error_message(error));
  }
  return key;
}

#endif

}  // namespace sifguard
