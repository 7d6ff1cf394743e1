// The JSON of a LUKS2 header: what is taken lies within its partition and the bounds of its costs.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/imagefs/luks_metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  constexpr std::uint64_t kHeader = 16384;
  constexpr std::uint64_t kPartition = 17UL << 20U;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto luks = parse_luks_metadata(json, kHeader, kPartition);
  if (!luks) return luks.error().code() == Code::refused ? 0 : (std::abort(), 0);
  const std::uint64_t area_end = luks->area_offset + kLuksStripes * kLuksKey;
  if (luks->area_offset < 2 * kHeader || area_end > luks->data_offset ||
      luks->data_offset >= kPartition || (kPartition - luks->data_offset) % luks->sector != 0) {
    std::abort();
  }
  const auto* argon = std::get_if<Argon2Cost>(&luks->cost);
  if (argon != nullptr && (argon->memory_kib > 1U << 20U || argon->lanes > 4)) std::abort();
  return 0;
}
