// The elements that one component of a pattern is made of. Pure text.
#include "keystore/policy/pattern_element.h"

namespace sifguard {
namespace {

bool is_negated(std::string_view set) noexcept {
  return set.size() > 1 && (set[1] == '!' || set[1] == '^');
}

}  // namespace

std::size_t character_length(std::string_view text) noexcept {
  std::size_t length = 1;
  if (static_cast<unsigned char>(text[0]) < 0x80) return length;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80) {
    ++length;
  }
  return length;
}

std::size_t set_length(std::string_view text) noexcept {
  const std::size_t end = text.find(']', is_negated(text) ? 3 : 2);
  return end == std::string_view::npos ? end : end + 1;
}

bool set_takes(std::string_view set, char c) noexcept {
  const bool negated = is_negated(set);
  const std::size_t end = set.size() - 1;
  bool member = false;
  for (std::size_t at = negated ? 2 : 1; at < end;) {
    const bool range = at + 2 < end && set[at + 1] == '-';
    const char high = range ? set[at + 2] : set[at];
    member = member || (set[at] <= c && c <= high);
    at += range ? 3 : 1;
  }
  return member != negated;
}

std::vector<std::string_view> elements_of(std::string_view component) {
  std::vector<std::string_view> elements;
  while (!component.empty()) {
    const std::size_t length =
        component[0] == '[' ? set_length(component) : character_length(component);
    elements.push_back(component.substr(0, length));
    component.remove_prefix(elements.back().size());
  }
  return elements;
}

}  // namespace sifguard
