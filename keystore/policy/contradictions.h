// Bindings that no image can satisfy together: they name different keys or digests for one name.
// decide() refuses a launch of such an image; this finds the bindings before. Pure.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

struct Contradiction {
  std::size_t first = 0, second = 0;  ///< indices of the bindings, first < second
  std::string image;                  ///< a name that both match
  bool keys = false;                  ///< they name different keys; otherwise different digests
};

/// A name that `pattern` matches, made by replacing each wildcard by one character or component.
/// Empty if that is not a name.
[[nodiscard]] std::string example_of(std::string_view pattern);

/// Compares patterns without wildcards, and an example of every pattern with wildcards, with all
/// patterns: every result is real, but common names of two patterns with wildcards may be missed.
/// Keys are compared as text, so give them as ids. The result is in the order of `second`, with the
/// first name found for each pair of bindings.
[[nodiscard]] std::vector<Contradiction> find_contradictions(const std::vector<Binding>& bindings);

}  // namespace sifguard
