// sifctl's reader of what sifguard-pgp answers about a key, on any bytes.
#include <cstdint>
#include <cstdlib>

#include "keystore/crypto/openpgp_merge_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(sifguard::decode_merge_request(text));
  const auto merged = sifguard::decode_merged(text);
  if (!merged) return 0;
  const auto again = sifguard::encode_merged(*merged);
  if (!again || *again != text) std::abort();
  return 0;
}
