// The walk over an OpenPGP file's packets, on any bytes.
#include <cstdint>
#include <cstdlib>

#include "keystore/crypto/openpgp_block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string bytes = sifguard::openpgp_bytes(text);
  std::size_t walked = 0;
  for (const auto& packet : sifguard::openpgp_packets(bytes)) walked += packet.whole.size();
  if (walked > bytes.size()) std::abort();
  const auto issuer = sifguard::lone_revocation_of(text);
  if (issuer && issuer->size() != 40 && issuer->size() != 16) std::abort();
  if (sifguard::is_whole_openpgp(text) && walked != bytes.size()) std::abort();
  // What is lent twice is lent once.
  const std::string lent = sifguard::with_user_ids(bytes.substr(0, walked), bytes);
  if (sifguard::with_user_ids(lent, bytes) != lent) std::abort();
  return 0;
}
