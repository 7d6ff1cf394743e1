// From a password to the key of a gocryptfs directory's files. In the sandbox of
// `sifguard-imagefs`.
#include "helper/imagefs/gocryptfs_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "helper/imagefs/gocryptfs_block.h"
#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kBlockSize = 8;  // scrypt's r
constexpr std::uint64_t kScryptBytes = 512ULL << 20U;

Result<SecretBytes> scrypt(const GocryptfsConf& conf, const SecretBytes& password) {
  SG_TRY(SecretBytes key, SecretBytes::allocate(kGocryptfsKey));
  const auto salt = as_bytes(conf.salt);
  if (EVP_PBE_scrypt(reinterpret_cast<const char*>(password.bytes().data()), password.size(),
                     octets(salt), salt.size(), conf.cost, kBlockSize, 1, kScryptBytes,
                     writable_octets(key.bytes()), key.size()) != 1) {
    const Code code = openssl_lacks_algorithm() ? Code::config : Code::temporary;
    return fail_openssl(code, "cannot derive the image's key by scrypt");
  }
  return key;
}

Result<SecretBytes> hkdf(const SecretBytes& from) {
  static constexpr std::string_view kFor = "AES-GCM file content encryption";
  const auto octet_string = [](const char* name, std::span<const std::byte> bytes) {
    auto* const data = const_cast<std::byte*>(bytes.data());  // NOLINT(*-const-cast): only read
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
  };
  std::array<char, 7> digest = {"SHA256"};
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octet_string(OSSL_KDF_PARAM_KEY, from.bytes()),
      octet_string(OSSL_KDF_PARAM_INFO, as_bytes(kFor)), OSSL_PARAM_construct_end()};
  const Owned<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  SG_TRY(SecretBytes key, SecretBytes::allocate(kGocryptfsKey));
  if (!context || EVP_KDF_derive(context.get(), writable_octets(key.bytes()), key.size(),
                                 parameters.data()) != 1) {
    return fail_openssl(Code::internal, "HKDF failed");
  }
  return key;
}

}  // namespace

Result<SecretBytes> gocryptfs_content_key(const GocryptfsConf& conf, const SecretBytes& password) {
  SG_TRY(const SecretBytes derived, scrypt(conf, password));
  SG_TRY(const SecretBytes wrapping, hkdf(derived));
  SG_TRY(GocryptfsBlocks blocks, GocryptfsBlocks::under(wrapping));
  SG_TRY(SecretBytes master, SecretBytes::allocate(kGocryptfsKey));
  if (!blocks.open(conf.wrapped_key, 0, {}, master.bytes())) {
    return fail(Code::refused, "the image's password does not open its gocryptfs.conf");
  }
  return hkdf(master);
}

}  // namespace sifguard
