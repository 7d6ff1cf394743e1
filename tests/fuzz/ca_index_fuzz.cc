// Fuzzes the index of a CA, which a backup brings.
#include <cstdint>
#include <cstdlib>

#include "keystore/ca/ca_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto index = sifguard::parse_ca_index({reinterpret_cast<const char*>(data), size}, "index");
  if (!index) return 0;
  const std::string text = sifguard::format_ca_index(*index);
  const auto again = sifguard::parse_ca_index(text, "index");
  if (!again || sifguard::format_ca_index(*again) != text) std::abort();
  // Merged with itself nothing changes.
  sifguard::CaIndex merged = *index;
  if (sifguard::merge_ca_index(merged, *index) != 0) std::abort();
  return 0;
}
