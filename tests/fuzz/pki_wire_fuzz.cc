// Fuzzes both ends of the wire to sifguard-pki. What is accepted must encode to the same bytes.
#include <cstdint>
#include <cstdlib>

#include "helper/verify/wire/pki_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto request = decode_pki_request(bytes)) {
    const auto again = encode_pki_request(*request);
    if (!again || *again != bytes) std::abort();
  }
  if (const auto answer = decode_pki_answer(bytes, 2, 1)) {
    if (encode_pki_answer(*answer) != bytes) std::abort();
  }
  return 0;
}
