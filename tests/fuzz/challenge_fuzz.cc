// What a registry asks for: names in lower case, no more bytes than came.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/pull/challenge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto challenge = sifguard::parse_challenge({reinterpret_cast<const char*>(data), size});
  if (!challenge) return 0;
  std::size_t bytes = 0;
  for (const auto& [name, value] : challenge->parameters) {
    if (name.empty() || name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ \"") != name.npos) {
      std::abort();
    }
    bytes += name.size() + value.size();
  }
  if (bytes > size) std::abort();
  return 0;
}
