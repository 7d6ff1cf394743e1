// Which keys replace each other. Pure.
#include "keystore/cli/key_lines.h"

#include <algorithm>

namespace sifguard {

std::string KeyLines::of(std::string_view reference) const {
  const auto meant = key_and_successors(all_, reference);
  if (!meant) return std::string(reference);
  std::string oldest = meant->front().id;
  std::string before = meant->front().predecessor;
  // A circle, which only a hand-made meta.json has, ends when every key was seen.
  for (std::size_t steps = 0; !before.empty() && steps < all_.size(); ++steps) {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const KeyRecord& key) { return key.id == before; });
    if (found == all_.end()) break;
    oldest = found->id;
    before = found->predecessor;
  }
  return oldest;
}

}  // namespace sifguard
