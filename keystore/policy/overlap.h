// How two patterns of image names stand to each other. Pure.
//
// Both answers err to one side only: patterns_overlap() never says no, and pattern_covers() never
// says yes, where that is wrong.
#pragma once

#include <string_view>

namespace sifguard {

/// Whether some image's name may match both (matches_text() in policy.h). Costs at most the
/// product of the two lengths, and of their numbers of components.
[[nodiscard]] bool patterns_overlap(std::string_view one, std::string_view other);

/// Whether one image may be known by a name that the one matches and by a name that the other does:
/// they overlap, or are for the same repository under different tags and digests.
[[nodiscard]] bool patterns_may_meet(std::string_view one, std::string_view other);

/// Whether every name that `narrow` matches is surely matched by `wide`, too.
[[nodiscard]] bool pattern_covers(std::string_view wide, std::string_view narrow);

}  // namespace sifguard
