// Which bindings are for the same images. Pure.
#include "keystore/policy/shared_images.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "keystore/policy/common_audience.h"
#include "keystore/policy/common_name.h"
#include "keystore/policy/contradictions.h"
#include "keystore/policy/overlap.h"
#include "keystore/policy/pattern_table.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostSharedPairs = 1'000'000;

/// Names that patterns have in common, and of each pattern one.
std::set<std::string> names_to_ask(const PatternTable& table) {
  std::set<std::string> names;
  std::set<std::string_view> asked;
  std::size_t pairs = 0;
  for (const auto& [binding, pattern] : table.all()) {
    if (!asked.insert(pattern).second) continue;
    names.insert(example_of(pattern));
    for (const auto& [other, before] : table.beginning_like(pattern)) {
      if (before == pattern) continue;
      if (++pairs > kMostSharedPairs) return names;
      if (patterns_overlap(before, pattern)) names.insert(common_name(before, pattern));
    }
  }
  names.erase("");
  return names;
}

PatternTable table_of(const std::vector<Binding>& bindings) {
  PatternTable table;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    for (const std::string& pattern : bindings[i].match) table.add(i, pattern);
  }
  return table;
}

/// The bindings that are for every image that `pattern`, one of the binding `own`, is for.
std::vector<const Binding*> covering(const std::vector<Binding>& bindings,
                                     const PatternTable& table, std::size_t own,
                                     std::string_view pattern) {
  std::set<std::size_t> indices = {own};
  for (const auto& [other, wide] : table.beginning_like(pattern)) {
    if (pattern_covers(wide, pattern)) indices.insert(other);
  }
  std::vector<const Binding*> all;
  for (const std::size_t i : indices) all.push_back(&bindings[i]);
  return all;
}

bool share_a_name(const Binding& one, const Binding& other) {
  return std::any_of(one.match.begin(), one.match.end(), [&](const std::string& a) {
    return std::any_of(other.match.begin(), other.match.end(), [&](const std::string& b) {
      return patterns_overlap(a, b) && !common_name(a, b).empty();
    });
  });
}

bool may_share(const Binding& one, const Binding& other) {
  return std::any_of(one.match.begin(), one.match.end(), [&](const std::string& a) {
    return std::any_of(other.match.begin(), other.match.end(),
                       [&](const std::string& b) { return patterns_may_meet(a, b); });
  });
}

}  // namespace

std::vector<SharedImage> find_shared(const std::vector<Binding>& bindings) {
  const PatternTable table = table_of(bindings);
  std::map<std::vector<std::size_t>, std::string> sets;
  for (const std::string& name : names_to_ask(table)) {
    auto matching = table.matching(name);
    std::sort(matching.begin(), matching.end());
    matching.erase(std::unique(matching.begin(), matching.end()), matching.end());
    if (matching.size() > 1) sets.try_emplace(std::move(matching), name);
  }
  std::vector<SharedImage> shared;
  for (const auto& [set, name] : sets) shared.push_back({name, set});
  return shared;
}

std::vector<std::string> find_closed(const std::vector<Binding>& bindings, std::int64_t now) {
  const PatternTable table = table_of(bindings);
  std::vector<std::string> why(bindings.size());
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    for (const std::string& pattern : bindings[i].match) {
      why[i] = common_audience(covering(bindings, table, i, pattern), now).nobody;
      if (why[i].empty()) break;
    }
  }
  return why;
}

std::vector<std::size_t> find_possibly_shared(const std::vector<Binding>& bindings,
                                              const Binding& binding) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    if (bindings[i].name == binding.name) continue;
    if (may_share(bindings[i], binding) && !share_a_name(bindings[i], binding)) found.push_back(i);
  }
  return found;
}

}  // namespace sifguard
