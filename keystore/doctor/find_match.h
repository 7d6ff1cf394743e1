// Whether a host has a file that a pattern of a binding matches. The caller's rights.
#pragma once

#include <string>

namespace sifguard {

enum class FileMatch {
  found,
  none,
  unknown,  ///< a URI, a directory that may not be listed, or too many names
};
/// Lists the directories that the pattern may match (matches_text() in keystore/policy/policy.h),
/// at most `budget` names. `file`, if not null, is set to the file that was found.
inline constexpr int kNamesToSearch = 20'000;
[[nodiscard]] FileMatch find_match(const std::string& pattern, int budget = kNamesToSearch,
                                   std::string* file = nullptr);

}  // namespace sifguard
