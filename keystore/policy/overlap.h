// Whether two patterns of image names overlap, or one covers the other. Pure.
//
// Wrong answers go in one direction only: if patterns_overlap() is false, or pattern_covers() is
// true, that is certain.
#pragma once

#include <string_view>

namespace sifguard {

/// Whether some image's name may match both (matches_text() in policy.h). The cost is at most the
/// product of the two lengths, and of their numbers of components.
[[nodiscard]] bool patterns_overlap(std::string_view one, std::string_view other);

/// Whether one image may have a name that `one` matches and a name that `other` matches: they
/// overlap, or are for the same repository with different tags and digests.
[[nodiscard]] bool patterns_may_meet(std::string_view one, std::string_view other);

/// Whether `wide` certainly matches every name that `narrow` matches.
[[nodiscard]] bool pattern_covers(std::string_view wide, std::string_view narrow);

}  // namespace sifguard
