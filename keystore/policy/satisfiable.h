// Whether any image can have a name that a pattern matches. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

/// nullopt: some canonical name may match the canonical pattern (matches_text() in policy.h).
/// Otherwise none does, and the result is the rest of the pattern from where no name can continue;
/// it is empty if the whole pattern can be followed but no name ends there. The cost is at most the
/// pattern's length times the number of states of a name.
[[nodiscard]] std::optional<std::string> unmatchable_rest(std::string_view pattern);

}  // namespace sifguard
