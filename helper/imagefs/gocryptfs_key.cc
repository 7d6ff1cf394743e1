// From a password to the key of a gocryptfs directory's files. In the sandbox of
// `sifguard-imagefs`.
#include "helper/imagefs/gocryptfs_key.h"

#include <openssl/evp.h>

#include <string_view>

#include "helper/imagefs/gocryptfs_block.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/hkdf.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kBlockSize = 8;  // scrypt's r
constexpr std::uint64_t kScryptBytes = 512ULL << 20U;
constexpr std::string_view kUse = "AES-GCM file content encryption";
static_assert(kGocryptfsKey == kHkdfBytes);

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

}  // namespace

Result<SecretBytes> gocryptfs_content_key(const GocryptfsConf& conf, const SecretBytes& password) {
  SG_TRY(const SecretBytes derived, scrypt(conf, password));
  SG_TRY(const SecretBytes wrapping, hkdf_sha256(derived, kUse));
  SG_TRY(GocryptfsBlocks blocks, GocryptfsBlocks::under(wrapping));
  SG_TRY(SecretBytes master, SecretBytes::allocate(kGocryptfsKey));
  if (!blocks.open(conf.wrapped_key, 0, {}, master.bytes())) {
    return fail(Code::refused, "the image's password does not open its gocryptfs.conf");
  }
  return hkdf_sha256(master, kUse);
}

}  // namespace sifguard
