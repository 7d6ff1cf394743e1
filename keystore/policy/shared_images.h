// Which bindings match the same images, so that all of them must allow. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Bindings that match one image.
struct SharedImage {
  std::string image;                  ///< a name that exactly these bindings match
  std::vector<std::size_t> bindings;  ///< their indices, ascending; at least two
};

/// Each set of bindings once, with the first name found. Every result is real, and if two patterns
/// have common names, some of these are found. If more than a million pairs of patterns in a policy
/// begin alike, not all are examined.
[[nodiscard]] std::vector<SharedImage> find_shared(const std::vector<Binding>& bindings);

/// For each binding, why no job can run any image that it matches, because of this binding itself
/// or of others that match all of these images, too; empty if one can. `now` in Unix seconds.
[[nodiscard]] std::vector<std::string> find_closed(const std::vector<Binding>& bindings,
                                                   std::int64_t now);

/// The indices of other `bindings` that may match an image that `binding` matches although no name
/// matches both, because another tag of its repository may mean the same image.
[[nodiscard]] std::vector<std::size_t> find_possibly_shared(const std::vector<Binding>& bindings,
                                                            const Binding& binding);

}  // namespace sifguard
