// Root's own check of a decoded report: whether any image could have it. Internal to report.h.
#pragma once

#include "helper/verify/wire/report.h"

namespace sifguard {

/// Every reference must have a target, no field may contradict another, and texts must be safe to
/// show.
[[nodiscard]] bool is_plausible(const VerifierReport& report, std::uint64_t image_size);

}  // namespace sifguard
