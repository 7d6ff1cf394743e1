// Patterns of bindings by what stands before their first wildcard: of thousands, a name can match
// only those for which it begins so, and two can match one name only if the one begins as the other
// does. Pure. Internal to keystore/policy.
#pragma once

#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sifguard {

/// Borrows the patterns' text.
class PatternTable {
 public:
  using Placed = std::pair<std::size_t, std::string_view>;  ///< a binding's index, and a pattern

  void add(std::size_t binding, std::string_view pattern);
  [[nodiscard]] const std::vector<Placed>& all() const noexcept { return all_; }
  /// The bindings with a pattern that matches, one for each such pattern.
  [[nodiscard]] std::vector<std::size_t> matching(std::string_view name) const;
  /// All that begin as `pattern` does, or before it ends to: it itself and those whose literal
  /// start is one of its own.
  [[nodiscard]] std::vector<Placed> beginning_like(std::string_view pattern) const;

 private:
  std::unordered_map<std::string_view, std::vector<Placed>> by_literal_;
  std::set<std::size_t> lengths_;
  std::vector<Placed> all_;
};

/// What every name starts with that the pattern matches ("/a/**" is for "/a", too).
[[nodiscard]] std::string_view literal_start(std::string_view pattern) noexcept;

}  // namespace sifguard
