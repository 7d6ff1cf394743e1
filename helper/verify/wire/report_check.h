// Root's own check of a decoded report: whether it can be true of any image. Internal to report.h.
#pragma once

#include "helper/verify/wire/report.h"

namespace sifguard {

/// Every reference leads somewhere, nothing contradicts anything else, texts are safe to show.
[[nodiscard]] bool is_plausible(const VerifierReport& report, std::uint64_t image_size);

}  // namespace sifguard
