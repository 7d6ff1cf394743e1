// Patterns of bindings, by the text before their first wildcard. Pure.
#include "keystore/policy/pattern_table.h"

#include "keystore/policy/image_pattern.h"
#include "keystore/policy/policy.h"

namespace sifguard {

std::string_view literal_start(std::string_view pattern) noexcept {
  std::string_view literal = pattern.substr(0, pattern.find_first_of(kWildcards));
  if (literal.ends_with('/')) literal.remove_suffix(1);
  return literal;
}

void PatternTable::add(std::size_t binding, std::string_view pattern) {
  const std::string_view literal = literal_start(pattern);
  by_literal_[literal].emplace_back(binding, pattern);
  lengths_.insert(literal.size());
  all_.emplace_back(binding, pattern);
}

std::vector<PatternTable::Placed> PatternTable::beginning_like(std::string_view pattern) const {
  const std::string_view start = literal_start(pattern);
  std::vector<Placed> found;
  for (const std::size_t length : lengths_) {
    if (length > start.size()) break;
    const auto candidates = by_literal_.find(start.substr(0, length));
    if (candidates == by_literal_.end()) continue;
    found.insert(found.end(), candidates->second.begin(), candidates->second.end());
  }
  return found;
}

std::vector<std::size_t> PatternTable::matching(std::string_view name) const {
  std::vector<std::size_t> found;
  for (const std::size_t length : lengths_) {
    if (length > name.size()) break;
    const auto candidates = by_literal_.find(name.substr(0, length));
    if (candidates == by_literal_.end()) continue;
    for (const auto& [binding, pattern] : candidates->second) {
      if (matches_text(pattern, name)) found.push_back(binding);
    }
  }
  return found;
}

}  // namespace sifguard
