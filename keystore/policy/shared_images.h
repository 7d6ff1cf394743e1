// Which bindings are for the same images: all of them must allow. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Bindings that one image has in common.
struct SharedImage {
  std::string image;                  ///< a name that all of them match, and no other
  std::vector<std::size_t> bindings;  ///< their indices, ascending; at least two
};

/// Each set of bindings once, with the first name found; what it finds is real, and where two
/// patterns have names in common, some are found. Of a policy in which more than a million pairs of
/// patterns begin alike, not all are looked at.
[[nodiscard]] std::vector<SharedImage> find_shared(const std::vector<Binding>& bindings);

/// For each binding why no job passes for any image that it is for, because other bindings are for
/// all of them, too, or by itself; empty where one may. `now` in Unix seconds.
[[nodiscard]] std::vector<std::string> find_closed(const std::vector<Binding>& bindings,
                                                   std::int64_t now);

/// The others of `bindings`, by index, that may be for an image that `binding` is for as well,
/// though none is known by a name of both: another tag of its repository may mean the same image.
[[nodiscard]] std::vector<std::size_t> find_possibly_shared(const std::vector<Binding>& bindings,
                                                            const Binding& binding);

}  // namespace sifguard
