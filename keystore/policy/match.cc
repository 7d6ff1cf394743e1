// matches_text() of policy.h: patterns against names of images, component by component. Pure.
//
// Both levels cost at most the product of the lengths, whatever the pattern: within a component one
// '*' is retried from the last place it stood (an earlier one never needs to be), and over
// components a row of reachable positions is carried along.
#include <algorithm>
#include <optional>
#include <vector>

#include "keystore/base/ascii.h"
#include "keystore/base/contains.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/overlap.h"
#include "keystore/policy/pattern_element.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

struct SplitName {
  std::string_view scheme;  ///< empty for a path
  std::vector<std::string_view> components;
};

/// What may stand between "//" and "/" of an image's URI. Anything else ("user@", "?", "#", "\\")
/// could make another host of the one that a pattern with a wildcard was written for.
bool is_authority(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("._:-[]").find(c) != std::string_view::npos;
  });
}

/// nullopt for a name that is not normal: it must not select anything.
std::optional<SplitName> split_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxImageName) return std::nullopt;
  if (name.find('\0') != std::string_view::npos) return std::nullopt;
  SplitName parts;
  if (is_image_uri(name)) {
    const std::size_t end = name.find("://");
    parts.scheme = name.substr(0, end);
    name.remove_prefix(end + 3);
  } else if (name.front() == '/') {
    name.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  for (;;) {
    const std::size_t end = name.find('/');
    const std::string_view component = name.substr(0, end);
    if (component.empty() || component == "." || component == "..") return std::nullopt;
    parts.components.push_back(component);
    if (end == std::string_view::npos) return parts;
    name.remove_prefix(end + 1);
  }
}

/// Matches the single character at the start of `text` against the element ('?', [set] or a byte)
/// at the start of `pattern`, and says how much of both it took; nullopt if it does not match.
struct Taken {
  std::size_t of_pattern;
  std::size_t of_text;
};
std::optional<Taken> match_one(std::string_view pattern, std::string_view text) {
  if (pattern[0] == '?') return Taken{1, character_length(text)};
  if (pattern[0] != '[') {
    if (pattern[0] != text[0]) return std::nullopt;
    return Taken{1, 1};
  }
  const std::size_t end = set_length(pattern);
  if (end == std::string_view::npos) return std::nullopt;
  if (!set_takes(pattern.substr(0, end), text[0])) return std::nullopt;
  return Taken{end, character_length(text)};
}

bool match_component(std::string_view pattern, std::string_view text) {
  if (text[0] == '.' && pattern[0] != '.') return false;
  std::string_view after_star;  // the pattern after the last '*', and where it is tried
  std::string_view retry;
  bool starred = false;
  while (!text.empty() || !pattern.empty()) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      after_star = pattern;
      retry = text;
      starred = true;
      continue;
    }
    if (!pattern.empty() && !text.empty()) {
      if (const auto taken = match_one(pattern, text)) {
        pattern.remove_prefix(taken->of_pattern);
        text.remove_prefix(taken->of_text);
        continue;
      }
    }
    if (!starred || retry.empty()) return false;
    retry.remove_prefix(character_length(retry));
    pattern = after_star;
    text = retry;
  }
  return true;
}

}  // namespace

bool matches_text(std::string_view pattern, std::string_view image) {
  // Of thousands of patterns nearly all differ before their first wildcard. (Not in the slash
  // before it: "/a/**" is for "/a", too.)
  std::string_view literal = pattern.substr(0, pattern.find_first_of(kWildcards));
  if (literal.ends_with('/')) literal.remove_suffix(1);
  if (!image.starts_with(literal)) return false;
  const auto wanted = split_name(pattern);
  const auto named = split_name(image);
  if (!wanted || !named || wanted->scheme != named->scheme) return false;
  if (!named->scheme.empty() && !is_authority(named->components[0])) return false;
  const std::size_t count = named->components.size();
  // reachable[i]: the pattern so far can match exactly the first i components.
  std::vector<bool> reachable(count + 1, false);
  reachable[0] = true;
  for (const std::string_view part : wanted->components) {
    std::vector<bool> next(count + 1, false);
    if (part == "**") {
      next[0] = reachable[0];
      for (std::size_t i = 0; i < count; ++i) {
        next[i + 1] = reachable[i + 1] || (next[i] && named->components[i][0] != '.');
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        next[i + 1] = reachable[i] && match_component(part, named->components[i]);
      }
    }
    reachable = std::move(next);
    if (!contains(reachable, true)) return false;
  }
  return reachable[count];
}

bool matches_image(std::string_view pattern, const ImageName& image) {
  return matches_text(pattern, image.text());
}

bool may_match(std::string_view pattern, const ImageNames& names) {
  return std::any_of(names.known.begin(), names.known.end(),
                     [&](const ImageName& name) { return matches_image(pattern, name); }) ||
         std::any_of(names.possible.begin(), names.possible.end(),
                     [&](const std::string& name) { return patterns_overlap(pattern, name); });
}

bool selects(const Binding& binding, const ImageNames& names) {
  return std::any_of(binding.match.begin(), binding.match.end(), [&](const std::string& pattern) {
    return std::any_of(names.known.begin(), names.known.end(),
                       [&](const ImageName& name) { return matches_image(pattern, name); });
  });
}

bool concerns(const Binding& binding, const ImageNames& names) {
  return std::any_of(binding.match.begin(), binding.match.end(),
                     [&](const std::string& pattern) { return may_match(pattern, names); });
}

}  // namespace sifguard
