// A name that two patterns of image names both match. Pure.
//
// Two rows of components are walked together, and two rows of elements within two components: '**'
// and '*' match what the other row has, or one 'x' if both are wildcards. The name is compared with
// both patterns in the end, so that a wrong name is never reported.
#include "keystore/policy/common_name.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keystore/base/text.h"
#include "keystore/policy/contradictions.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/pattern_element.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostPairs = std::size_t{1} << 22U;

/// What the items of both rows are, in words of one name.
struct Items {
  std::size_t one = 0, other = 0;                               ///< how many there are
  std::function<bool(bool one, std::size_t i)> many;            ///< '*' or '**'
  std::function<std::string(bool one, std::size_t i)> example;  ///< what another's many takes of it
  std::function<std::optional<std::string>(std::size_t i, std::size_t j)> meet;
  std::string any;  ///< what two that are many have in common
};

/// Finds a way through both rows, depth first; where it was once, it need not go again.
class Walk {
 public:
  explicit Walk(const Items& items)
      : items_(items), seen_((items.one + 1) * (items.other + 1), false) {}

  bool finds_end(std::size_t i, std::size_t j) {
    if (i == items_.one && j == items_.other) return true;
    const std::size_t at = i * (items_.other + 1) + j;
    if (seen_[at]) return false;
    seen_[at] = true;
    const bool one = i < items_.one;
    const bool other = j < items_.other;
    const bool one_many = one && items_.many(true, i);
    const bool other_many = other && items_.many(false, j);
    if (one_many && other_many && step(items_.any, i + 1, j)) return true;
    if (one_many && other && !other_many && step(items_.example(false, j), i, j + 1)) return true;
    if (other_many && one && !one_many && step(items_.example(true, i), i + 1, j)) return true;
    if (one && other && !one_many && !other_many) {
      const auto both = items_.meet(i, j);
      return both && step(*both, i + 1, j + 1);
    }
    return (one_many && finds_end(i + 1, j)) || (other_many && finds_end(i, j + 1));
  }
  [[nodiscard]] const std::vector<std::string>& way() const noexcept { return way_; }

 private:
  bool step(std::string item, std::size_t i, std::size_t j) {
    way_.push_back(std::move(item));
    if (finds_end(i, j)) return true;
    way_.pop_back();
    return false;
  }

  const Items& items_;
  std::vector<bool> seen_;
  std::vector<std::string> way_;
};

std::optional<std::vector<std::string>> common_row(const Items& items) {
  if ((items.one + 1) * (items.other + 1) > kMostPairs) return std::nullopt;
  Walk walk(items);
  if (!walk.finds_end(0, 0)) return std::nullopt;
  return walk.way();
}

bool takes(std::string_view element, char c) {
  if (element == "?") return true;
  return element[0] == '[' ? set_takes(element, c) : element == std::string_view(&c, 1);
}

/// A character that both elements take, neither of them '*'.
std::optional<std::string> common_character(std::string_view one, std::string_view other) {
  if (one == other && one != "?" && one[0] != '[') return std::string(one);
  if (takes(one, 'x') && takes(other, 'x')) return "x";
  for (char c = '!'; c <= '~'; ++c) {
    if (c != '/' && takes(one, c) && takes(other, c)) return std::string(1, c);
  }
  return std::nullopt;
}

std::string example_of_element(std::string_view element) {
  return common_character(element, "?").value_or(std::string(element));
}

std::optional<std::string> common_component(std::string_view one, std::string_view other) {
  const auto a = elements_of(one);
  const auto b = elements_of(other);
  Items items{a.size(), b.size(), {}, {}, {}, "x"};
  items.many = [&](bool first, std::size_t i) { return (first ? a[i] : b[i]) == "*"; };
  items.example = [&](bool first, std::size_t i) {
    return example_of_element(first ? a[i] : b[i]);
  };
  items.meet = [&](std::size_t i, std::size_t j) { return common_character(a[i], b[j]); };
  const auto row = common_row(items);
  if (!row) return std::nullopt;
  std::string text;
  for (const std::string& character : *row) text += character;
  return text;
}

/// The components behind "scheme://", or behind the root.
std::vector<std::string> components_of(std::string_view pattern, std::string& start) {
  const std::size_t end = is_image_uri(pattern) ? pattern.find("://") + 3 : 1;
  start = std::string(pattern.substr(0, end));
  return split(pattern.substr(end), '/');
}

std::string example_of_component(const std::string& component) {
  const std::string name = example_of("/" + component);
  return name.empty() ? component : name.substr(1);
}

}  // namespace

std::string common_name(std::string_view one, std::string_view other) {
  std::string name;
  std::string other_start;
  const auto a = components_of(one, name);
  const auto b = components_of(other, other_start);
  if (name != other_start) return {};
  Items items{a.size(), b.size(), {}, {}, {}, "x"};
  items.many = [&](bool first, std::size_t i) { return (first ? a[i] : b[i]) == "**"; };
  items.example = [&](bool first, std::size_t i) {
    return example_of_component(first ? a[i] : b[i]);
  };
  items.meet = [&](std::size_t i, std::size_t j) { return common_component(a[i], b[j]); };
  const auto row = common_row(items);
  if (!row) return {};
  for (std::size_t i = 0; i < row->size(); ++i) name += (i == 0 ? "" : "/") + (*row)[i];
  return matches_text(one, name) && matches_text(other, name) ? name : std::string();
}

}  // namespace sifguard
