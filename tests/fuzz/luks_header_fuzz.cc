// LUKS2 headers with the checksums that they should have: whoever makes one can make those.
// Input: the first copy, of 16 KiB at most; the second is made of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "helper/imagefs/luks_header.h"
#include "helper/imagefs/luks_metadata.h"
#include "keystore/crypto/digest.h"
#include "tests/unit/imagefs/memory_source.h"

namespace {

constexpr std::size_t kCopy = 16384;

std::string with_checksum(std::string copy) {
  copy.replace(448, 64, 64, '\0');
  const auto digest = sifguard::sha256(sifguard::as_bytes(copy));
  return copy.replace(448, digest->size(), sifguard::as_text(*digest));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  std::string copy(reinterpret_cast<const char*>(data), std::min(size, kCopy));
  copy.resize(kCopy, '\0');
  std::string second = copy;
  second.replace(0, 6, "SKUL\xba\xbe");
  second.replace(256, 8, std::string("\0\0\0\0\0\0\x40\0", 8));
  const test::MemorySource partition(with_checksum(copy) + with_checksum(second) +
                                     std::string(4096, '\0'));
  const auto header = read_luks_header(partition);
  if (!header) return header.error().code() == Code::refused ? 0 : (std::abort(), 0);
  if (header->size != kCopy) std::abort();
  (void)parse_luks_metadata(header->json, header->size, partition.size());
  return 0;
}
