// Fuzzes PEM files and public keys: what is taken has an id and a fingerprint, and does not mind
// a signature of zeros.
#include <cstdint>
#include <cstdlib>

#include "keystore/base/fd.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/signer_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)read_pem(text, 8);
  auto key = SignerKey::from_pem(text);
  if (!key) key = SignerKey::from_spki(as_bytes(text));
  if (!key) return 0;
  if (key->spki().size() != 64 || key->fingerprint().size() != 50) std::abort();
  const Sha256Digest digest = sha256({}).value();
  (void)key->made(std::string(256, '\0'), "", digest);
  return 0;
}
