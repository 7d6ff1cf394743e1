// Fuzzes certificate signing requests, of which a CA takes the public key.
#include <cstdint>
#include <cstdlib>

#include "keystore/ca/csr.h"
#include "keystore/x509/strength.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = sifguard::public_key_of_csr({reinterpret_cast<const char*>(data), size});
  if (key && !sifguard::is_strong_key(key->get())) std::abort();
  return 0;
}
