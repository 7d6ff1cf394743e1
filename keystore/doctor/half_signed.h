// What interrupted runs of sif-sign left beside images: copies as large as these. The caller's
// rights.
#pragma once

#include <string>
#include <vector>

namespace sifguard {

/// Paths of such copies in the directory of `image` that nobody works on any more, or of which that
/// cannot be known; nothing where the directory may not be listed.
[[nodiscard]] std::vector<std::string> half_signed_beside(const std::string& image);

}  // namespace sifguard
