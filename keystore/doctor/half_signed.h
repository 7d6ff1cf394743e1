// What interrupted runs of sif-sign left beside images: copies that are as large as the images. The
// caller's rights.
#pragma once

#include <string>
#include <vector>

namespace sifguard {

/// Paths of such copies in the directory of `image` on which no process works any more, or for
/// which that is unknown; empty if the directory may not be listed.
[[nodiscard]] std::vector<std::string> half_signed_beside(const std::string& image);

}  // namespace sifguard
