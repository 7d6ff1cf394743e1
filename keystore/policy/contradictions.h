// Bindings that no image can satisfy together: they name different keys or digests for one name.
// decide() refuses such an image when it comes to a launch; this finds them before. Pure.
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

/// A name that `pattern` matches: each wildcard stands for one character or component of itself.
/// Empty if this makes none.
[[nodiscard]] std::string example_of(std::string_view pattern);

/// Names without wildcards, and an example of every pattern with, are held against all patterns:
/// what it finds is real, but of two patterns with wildcards it may miss what they have in common.
/// Keys are compared as they are written: give them as ids. In the order of `second`; of a pair of
/// bindings the first name found.
[[nodiscard]] std::vector<Contradiction> find_contradictions(const std::vector<Binding>& bindings);

}  // namespace sifguard
