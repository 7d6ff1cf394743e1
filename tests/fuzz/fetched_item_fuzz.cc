// Fuzzes what the unprivileged fetcher answers to root.
#include <cstdint>
#include <cstdlib>

#include "keystore/x509/fetched_item.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto items = sifguard::decode_items(text);
  if (!items) return 0;
  // What was understood is what would be written, but for leading zeros.
  const auto again = sifguard::decode_items(sifguard::encode_items(*items));
  if (!again || again->size() != items->size()) std::abort();
  return 0;
}
