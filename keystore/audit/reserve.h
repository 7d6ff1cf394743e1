// The space on the audit log's disk that is kept for users who recently wrote little. Root on
// nodes.
//
// A launch that cannot be recorded is refused, so a user who fills the disk with records of his
// launches or refusals would stop the launches of all. When space is short, users who recently
// wrote more than their share (shares.h) are refused before others.
#pragma once

#include <cstdint>

#include "keystore/base/error.h"

namespace sifguard {

struct AuditSpace {
  std::uint64_t free = 0;  ///< bytes
  std::uint64_t reserve =
      0;  ///< the part of `free` that is kept: 64 MiB, or an eighth of a small disk
  [[nodiscard]] bool is_short() const noexcept { return free < reserve; }
};

/// The space of the disk of an open directory. Errors: Code::internal.
[[nodiscard]] Result<AuditSpace> audit_space(int directory);

}  // namespace sifguard
