// Whether a host has a file that a pattern of a binding matches. The caller's rights.
#pragma once

#include <string>

namespace sifguard {

enum class FileMatch {
  found,
  none,
  unknown,  ///< a URI, a directory that may not be listed, or too much to look through
};
/// Lists directories as far as the pattern leads (matches_text() in keystore/policy/policy.h),
/// at most `budget` names.
[[nodiscard]] FileMatch find_match(const std::string& pattern, int budget = 20'000);

}  // namespace sifguard
