// The reader of detached OpenPGP signatures, on any bytes.
#include <cstdint>
#include <cstdlib>

#include "keystore/crypto/openpgp_packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto packet = sifguard::parse_detached_signature(text);
  // What is found must be found again in the packet alone, or gpg would see something else.
  if (packet) {
    const auto again = sifguard::parse_detached_signature(packet->bytes);
    if (!again || again->bytes != packet->bytes || again->type != packet->type) std::abort();
  }
  return 0;
}
