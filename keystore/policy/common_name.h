// An image name that two patterns both match. Pure.
//
// overlap.h may wrongly say that two patterns overlap. This function gives a proof, but may find
// none although they do.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// A name that both match (matches_text() in policy.h); empty if none was found. The cost is at
/// most the product of the two lengths, and if that is more than four million, nothing is searched.
[[nodiscard]] std::string common_name(std::string_view one, std::string_view other);

}  // namespace sifguard
