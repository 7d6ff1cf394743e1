// How two patterns of image names are related. Pure.
//
// A pattern is split into components, a component into elements: a literal character, a [set], '?',
// '*'. Two rows of elements are compared like two rows of text to find whether both can match,
// where '*' (and '**' among components) matches any number of the other's.
#include "keystore/policy/overlap.h"

#include <algorithm>
#include <string>
#include <vector>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/pattern_element.h"
#include "keystore/policy/pattern_table.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

/// Whether `one` and `other`, in which `many` says what stands for any number of the other's
/// items, can be the same; `alike` compares two items.
template <typename Items, typename Many, typename Alike>
bool can_be_same(const Items& one, const Items& other, Many many, Alike alike) {
  // row[j]: the items of `one` so far can be the first j of `other`.
  std::vector<bool> row(other.size() + 1, false);
  row[0] = true;
  for (std::size_t j = 0; j < other.size() && many(other[j]); ++j) row[j + 1] = true;
  for (const auto& item : one) {
    std::vector<bool> next(other.size() + 1, false);
    next[0] = row[0] && many(item);
    for (std::size_t j = 0; j < other.size(); ++j) {
      next[j + 1] = many(item) || many(other[j]) ? row[j] || row[j + 1] || next[j]
                                                 : row[j] && alike(item, other[j]);
    }
    row = std::move(next);
    if (!contains(row, true)) return false;
  }
  return row[other.size()];
}

bool is_star(std::string_view element) {
  return element == "*";
}

/// '*', and, because a character that is not UTF-8 can be one or several to matches_text(), '?'
/// and a negated set, too. (URIs are of ASCII.)
bool is_many(std::string_view element) {
  return is_star(element) || element == "?" ||
         (element[0] == '[' && element.size() > 1 && (element[1] == '!' || element[1] == '^'));
}

bool elements_overlap(std::string_view one, std::string_view other) {
  if (one == "?" || other == "?" || (one[0] == '[' && other[0] == '[')) return true;
  if (one[0] != '[' && other[0] != '[') return one == other;
  const std::string_view set = one[0] == '[' ? one : other;
  const std::string_view literal = one[0] == '[' ? other : one;
  return set_takes(set, literal[0]);
}

bool components_overlap(const std::string& one, const std::string& other, bool ascii) {
  return can_be_same(elements_of(one), elements_of(other), ascii ? is_star : is_many,
                     elements_overlap);
}

struct SplitPattern {
  std::string scheme;  ///< empty for a path
  std::vector<std::string> components;
};

SplitPattern split_pattern(std::string_view pattern) {
  SplitPattern parts;
  if (is_image_uri(pattern)) {
    const std::size_t end = pattern.find("://");
    parts.scheme = std::string(pattern.substr(0, end));
    pattern.remove_prefix(end + 3);
  } else if (pattern.starts_with('/')) {
    pattern.remove_prefix(1);
  }
  parts.components = split(pattern, '/');
  return parts;
}

/// `wide` is "LITERAL/**", and `narrow` lies below LITERAL and matches no name with a hidden
/// component there: a leading dot is matched literally only.
bool is_below(std::string_view wide, std::string_view narrow) {
  constexpr std::string_view kAnyDepth = "/**";
  if (!wide.ends_with(kAnyDepth)) return false;
  wide.remove_suffix(kAnyDepth.size());
  if (wide.find_first_of(kWildcards) != std::string_view::npos) return false;
  if (!narrow.starts_with(std::string(wide) + "/")) return false;
  const auto rest = split(narrow.substr(wide.size() + 1), '/');
  return std::none_of(rest.begin(), rest.end(), [](const std::string& component) {
    return component.empty() || component.front() == '.';
  });
}

}  // namespace

bool patterns_overlap(std::string_view one, std::string_view other) {
  const std::string_view start = literal_start(one);
  const std::string_view other_start = literal_start(other);
  if (!start.starts_with(other_start) && !other_start.starts_with(start)) return false;
  const SplitPattern a = split_pattern(one);
  const SplitPattern b = split_pattern(other);
  if (a.scheme != b.scheme) return false;
  return can_be_same(
      a.components, b.components, [](const std::string& c) { return c == "**"; },
      [&](const std::string& one_component, const std::string& other_component) {
        return components_overlap(one_component, other_component, !a.scheme.empty());
      });
}

bool patterns_may_meet(std::string_view one, std::string_view other) {
  return patterns_overlap(one, other) ||
         (is_image_uri(one) && is_image_uri(other) &&
          patterns_overlap(with_any_reference(one), with_any_reference(other)));
}

bool pattern_covers(std::string_view wide, std::string_view narrow) {
  if (wide == narrow) return true;
  if (narrow.find_first_of(kWildcards) == std::string_view::npos) {
    return matches_text(wide, narrow);
  }
  return is_below(wide, narrow);
}

}  // namespace sifguard
