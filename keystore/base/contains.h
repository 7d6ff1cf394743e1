// Whether a value is among others. Pure.
#pragma once

#include <algorithm>
#include <iterator>

namespace sifguard {

/// Whether one of `values` (a container or an array) is equal to `value`.
template <typename Values, typename Value>
[[nodiscard]] constexpr bool contains(const Values& values, const Value& value) {
  return std::find(std::begin(values), std::end(values), value) != std::end(values);
}

}  // namespace sifguard
