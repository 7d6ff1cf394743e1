// Patterns of bindings, indexed by the text before their first wildcard. Of thousands of patterns,
// a name can match only those with whose text it begins, and two patterns can match one name only
// if one of the texts begins with the other. Pure. Internal to keystore/policy.
#pragma once

#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sifguard {

/// The patterns' text must outlive the table.
class PatternTable {
 public:
  using Placed = std::pair<std::size_t, std::string_view>;  ///< a binding's index, and a pattern

  void add(std::size_t binding, std::string_view pattern);
  [[nodiscard]] const std::vector<Placed>& all() const noexcept { return all_; }
  /// The bindings with a pattern that matches, one for each such pattern.
  [[nodiscard]] std::vector<std::size_t> matching(std::string_view name) const;
  /// All patterns whose literal start begins with that of `pattern`, or the other way round;
  /// `pattern` itself included.
  [[nodiscard]] std::vector<Placed> beginning_like(std::string_view pattern) const;

 private:
  std::unordered_map<std::string_view, std::vector<Placed>> by_literal_;
  std::set<std::size_t> lengths_;
  std::vector<Placed> all_;
};

/// The text with which every name begins that the pattern matches ("/a/**" also matches "/a").
[[nodiscard]] std::string_view literal_start(std::string_view pattern) noexcept;

}  // namespace sifguard
