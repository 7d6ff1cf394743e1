// A search in a list, for comparing two lists. Pure.
#pragma once

#include <algorithm>

namespace sifguard {

/// The first of the list for which `same` holds; nullptr when there is none.
template <typename List, typename Same>
[[nodiscard]] auto find_in(const List& list, Same same) {
  const auto at = std::find_if(list.begin(), list.end(), same);
  return at == list.end() ? nullptr : &*at;
}

}  // namespace sifguard
