// The two copies of a LUKS2 header. Hostile bytes. In the sandbox of `sifguard-imagefs`.
//
// Format (cryptsetup, on-disk-format-luks2, "Binary header"): 4096 bytes, all numbers big-endian:
// magic (6: "LUKS\xba\xbe", of the second copy "SKUL\xba\xbe") ‖ version (u16: 2) ‖ size with the
// JSON (u64: 16 KiB … 4 MiB, a power of two) ‖ sequence (u64) ‖ label (48) ‖ checksum's name (32) ‖
// salt (64) ‖ uuid (40) ‖ subsystem (48) ‖ own offset (u64, at 256) ‖ zeros ‖ checksum (64, at 448)
// ‖ zeros; then the JSON, and zeros. The checksum covers all of that, with zeros in its own place.
// The second copy follows the first.
//
// LUKS1 and checksums other than SHA-256 are refused with an error that names them. cryptsetup
// would take the newer of the two copies, or the intact one; here both must be intact and equal.
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
