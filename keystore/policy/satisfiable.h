// Whether any image can have a name that a pattern matches. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

/// nullopt: some canonical name may match the canonical pattern (matches_text() in policy.h).
/// Otherwise none does, and this is what of the pattern no name goes on with; empty if the whole of
/// it is followed, but no name ends there. Costs at most the pattern's length times the states of
/// a name.
[[nodiscard]] std::optional<std::string> unmatchable_rest(std::string_view pattern);

}  // namespace sifguard
