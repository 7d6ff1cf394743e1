// Bindings that no image can satisfy together. Pure.
#include "keystore/policy/contradictions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "keystore/policy/image_pattern.h"
#include "keystore/policy/pattern_table.h"

namespace sifguard {
namespace {

bool differ(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  return a && b && *a != *b;
}

/// Collects what contradicts, each pair once.
class Finder {
 public:
  explicit Finder(const std::vector<Binding>& bindings) : bindings_(bindings) {}

  void add(std::size_t a, std::size_t b, const std::string& image) {
    const auto [first, second] = std::minmax(a, b);
    if (first == second) return;
    const bool keys = differ(bindings_[first].key, bindings_[second].key);
    if (!keys && !differ(bindings_[first].digest, bindings_[second].digest)) return;
    found_.try_emplace({second, first}, Contradiction{first, second, image, keys});
  }
  [[nodiscard]] std::vector<Contradiction> found() const {
    std::vector<Contradiction> all;
    for (const auto& [pair, one] : found_) all.push_back(one);
    return all;
  }

 private:
  const std::vector<Binding>& bindings_;
  std::map<std::pair<std::size_t, std::size_t>, Contradiction> found_;
};

}  // namespace

std::string example_of(std::string_view pattern) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*' && i > 0 && pattern[i - 1] == '*') continue;
    if (c == '*' || c == '?') {
      name += 'x';
    } else if (c == '[') {
      const std::size_t end = pattern.find(']', std::min(i + 2, pattern.size()));
      if (end == std::string_view::npos) return {};
      const bool negated = pattern[i + 1] == '!' || pattern[i + 1] == '^';
      name += negated ? '~' : pattern[i + 1];
      i = end;
    } else {
      name += c;
    }
  }
  return matches_text(pattern, name) ? name : std::string();
}

std::vector<Contradiction> find_contradictions(const std::vector<Binding>& bindings) {
  std::map<std::string_view, std::vector<std::size_t>> named;  // by patterns without a wildcard
  PatternTable patterns;                                       // with one
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    if (!bindings[i].key && !bindings[i].digest) continue;
    for (const std::string& pattern : bindings[i].match) {
      if (pattern.find_first_of(kWildcards) == std::string::npos) {
        named[pattern].push_back(i);
      } else {
        patterns.add(i, pattern);
      }
    }
  }
  Finder finder(bindings);
  const auto hold = [&](std::size_t binding, const std::string& name) {
    for (const std::size_t other : patterns.matching(name)) finder.add(other, binding, name);
  };
  for (const auto& [name, owners] : named) {
    for (const std::size_t owner : owners) {
      for (const std::size_t other : owners) finder.add(other, owner, std::string(name));
      hold(owner, std::string(name));
    }
  }
  for (const auto& [owner, pattern] : patterns.all()) {
    const std::string name = example_of(pattern);
    if (!name.empty()) hold(owner, name);
  }
  return finder.found();
}

}  // namespace sifguard
