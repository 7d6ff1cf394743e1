// A name that two patterns of image names both match. Pure.
//
// What overlap.h says of two patterns errs to the side of "they may"; this gives the proof, and
// errs to the other side.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// A name that both match (matches_text() in policy.h); empty if none was found. Costs at most the
/// product of the two lengths, and nothing is looked for where that is more than four million.
[[nodiscard]] std::string common_name(std::string_view one, std::string_view other);

}  // namespace sifguard
