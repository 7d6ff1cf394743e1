// What of the audit log's disk is kept for users who have written little of late. Root on nodes.
//
// Nothing is launched that cannot be recorded, so who fills the disk with records of his launches,
// or of what he is refused, would end the launches of all. Where space is short, who has written
// more than his share of late (shares.h) is refused before others are.
#pragma once

#include <cstdint>

#include "keystore/base/error.h"

namespace sifguard {

struct AuditSpace {
  std::uint64_t free = 0;     ///< bytes
  std::uint64_t reserve = 0;  ///< kept of them: 64 MiB, or an eighth of a small disk
  [[nodiscard]] bool is_short() const noexcept { return free < reserve; }
};

/// Of the disk of an open directory. Errors: Code::internal.
[[nodiscard]] Result<AuditSpace> audit_space(int directory);

}  // namespace sifguard
