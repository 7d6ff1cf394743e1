// Names of images: absolute paths and URIs. Pure text.
#include "keystore/policy/image_name.h"

#include <algorithm>
#include <array>
#include <vector>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::array<std::string_view, 3> kSchemes = {"oras://", "library://", "https://"};

tl::unexpected<Error> bad_pattern(std::string_view pattern, const std::string& why,
                                  std::string remedy = {}) {
  return fail(Code::usage, "the pattern '" + printable(pattern, 200) + "' " + why,
              std::move(remedy));
}

/// Sets are closed, not empty, of ASCII, and their ranges go upwards.
Status check_component(std::string_view pattern, std::string_view component) {
  if (component.empty())
    return bad_pattern(pattern, "has an empty component ('//' or a final '/')");
  if (component == "." || component == "..") {
    return bad_pattern(pattern, "has a component '.' or '..'", "write the path without it");
  }
  if (component != "**" && component.find("**") != std::string_view::npos) {
    return bad_pattern(pattern, "has '**' inside a component",
                       "'**' must be a whole component; '*' matches within one");
  }
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\') {
      return bad_pattern(pattern, "has a backslash, which escapes nothing here",
                         "write [*], [?] or [[] for the character itself");
    }
    if (component[i] != '[') continue;
    std::size_t first = i + 1;
    if (first < component.size() && (component[first] == '!' || component[first] == '^')) ++first;
    const std::size_t end = component.find(']', first + 1);  // a ']' that comes first is a member
    if (end == std::string_view::npos) {
      return bad_pattern(pattern, "has a '[' without its ']' in the same component",
                         "write [[] for the character itself");
    }
    for (std::size_t k = first; k < end; ++k) {
      if (static_cast<unsigned char>(component[k]) >= 0x80) {
        return bad_pattern(pattern, "has a [set] with characters other than ASCII");
      }
      if (k + 2 < end && component[k + 1] == '-' && component[k] > component[k + 2]) {
        return bad_pattern(pattern, "has a [set] with a range that goes backwards");
      }
    }
    i = end;
  }
  return {};
}

}  // namespace

bool is_image_uri(std::string_view name) noexcept {
  const std::size_t end = name.find("://");
  if (end == std::string_view::npos || end == 0 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

Result<std::string> normalize_image_name(std::string_view cwd, std::string_view typed) {
  if (typed.empty()) return fail(Code::usage, "the image's name is empty");
  if (typed.find('\0') != std::string_view::npos) {
    return fail(Code::usage, "the image's name contains a NUL byte");
  }
  std::string path(typed);
  if (is_image_uri(typed)) {
    if (path.size() > kMaxImageName) return fail(Code::usage, "the image's name is too long");
    return path;
  }
  if (path.front() != '/') {
    if (cwd.empty() || cwd.front() != '/') {
      return fail(Code::usage,
                  "the image's name is relative and the working directory is not known",
                  "give the image's absolute path");
    }
    path.insert(0, std::string(cwd) + "/");
  }
  std::vector<std::string> kept;
  for (std::string& part : split(path, '/')) {
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!part.empty() && part != ".") {
      kept.push_back(std::move(part));
    }
  }
  std::string name;
  for (const std::string& part : kept) name += "/" + part;
  if (name.empty()) name = "/";
  if (name.size() >= kMaxImageName) return fail(Code::usage, "the image's name is too long");
  return name;
}

Status check_image_pattern(std::string_view pattern) {
  if (pattern.size() >= kMaxImageName) return bad_pattern(pattern, "is too long");
  if (!is_utf8(pattern) || std::any_of(pattern.begin(), pattern.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      })) {
    return bad_pattern(pattern, "has a control character or is not UTF-8");
  }
  std::string_view rest = pattern;
  if (is_image_uri(pattern)) {
    const auto* const scheme = std::find_if(
        kSchemes.begin(), kSchemes.end(),
        [&](std::string_view known) { return pattern.substr(0, known.size()) == known; });
    if (scheme == kSchemes.end()) {
      return bad_pattern(pattern, "has an unknown scheme",
                         "the schemes are oras://, library:// and https://");
    }
    rest.remove_prefix(scheme->size());
    if (rest.substr(0, rest.find('/')).find_first_of("@#%") != std::string_view::npos) {
      return bad_pattern(pattern,
                         "has '@', '#' or '%' in its host, which no image's host may have");
    }
  } else if (!pattern.empty() && pattern.front() == '/') {
    rest.remove_prefix(1);
  } else {
    return bad_pattern(pattern, "is not an absolute path",
                       "start it with / or with oras://, library:// or https://");
  }
  for (const std::string& component : split(rest, '/')) {
    SG_CHECK(check_component(pattern, component));
  }
  return {};
}

}  // namespace sifguard
