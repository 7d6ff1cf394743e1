// Taking RSA-OAEP padding off in software, for tokens that only compute. Runs in sifguard-token.
#include "keystore/token/oaep_padding.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/crypto/openssl.h"

namespace sifguard {

Result<SecretBytes> remove_oaep_padding(const SecretBytes& block,
                                        std::span<const std::byte> label) {
  SG_TRY(SecretBytes plain, SecretBytes::allocate(block.size()));
  const int size = static_cast<int>(block.size());
// Deprecated with all low-level RSA functions, but the only constant-time one that there is;
// OpenSSL's own RSA-OAEP calls it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const int got = RSA_padding_check_PKCS1_OAEP_mgf1(
      writable_octets(plain.bytes()), size, octets(block.bytes()), size, size, octets(label),
      static_cast<int>(label.size()), EVP_sha256(), EVP_sha256());
#pragma GCC diagnostic pop
  if (got < 0) return fail(Code::refused, "cannot decrypt with this key");
  plain.shrink(static_cast<std::size_t>(got));
  return plain;
}

}  // namespace sifguard
