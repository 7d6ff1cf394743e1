// The two copies of a LUKS2 header. Hostile bytes. In the sandbox of `sifguard-imagefs`.
//
// Format (cryptsetup, on-disk-format-luks2, "Binary header"): 4096 bytes, all numbers big-endian:
// magic (6: "LUKS\xba\xbe", of the second copy "SKUL\xba\xbe") ‖ version (u16: 2) ‖ size with the
// JSON (u64: 16 KiB … 4 MiB, a power of two) ‖ sequence (u64) ‖ label (48) ‖ checksum's name (32) ‖
// salt (64) ‖ uuid (40) ‖ subsystem (48) ‖ own offset (u64, at 256) ‖ zeros ‖ checksum (64, at 448)
// ‖ zeros; then the JSON, and zeros. The checksum is of all that with itself as zeros. The second
// copy follows the first.
//
// LUKS1 and other checksums than SHA-256 are refused by name. cryptsetup would take the newer copy
// of two, or the one that is whole; here both must be whole and say the same.
#pragma once

#include <string>

#include "helper/imagefs/block_source.h"

namespace sifguard {

struct LuksHeader {
  std::uint64_t size = 0;  ///< of one copy
  std::string json;
};

/// Errors: Code::refused.
[[nodiscard]] Result<LuksHeader> read_luks_header(const BlockSource& partition);

}  // namespace sifguard
