// entry.json of the cache: what is accepted is of this boot and survives being written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/stage/cache_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kBoot = "01234567-89ab-cdef-0123-456789abcdef";
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto record = sifguard::entry_from_json(json, kBoot);
  if (!record) return 0;
  if (sifguard::entry_from_json(json, "another boot")) std::abort();
  if (record->digest.size() != 64 || record->digest.find('/') != std::string::npos) std::abort();
  const auto again = sifguard::entry_from_json(sifguard::entry_to_json(*record, kBoot), kBoot);
  if (!again || *again != *record || again->sealed_key != record->sealed_key ||
      again->sealed_content_key != record->sealed_content_key) {
    std::abort();
  }
  return 0;
}
