// Patterns that select names of images. Pure text.
#include "keystore/policy/image_pattern.h"

#include <algorithm>
#include <array>
#include <vector>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/pattern_element.h"
#include "keystore/policy/satisfiable.h"
#include "keystore/policy/uri_part.h"

namespace sifguard {
namespace {

constexpr std::string_view kOras = "oras://", kLibrary = "library://", kHttps = "https://";

tl::unexpected<Error> bad(std::string_view pattern, const std::string& why,
                          std::string remedy = {}) {
  return fail(Code::usage, "the pattern '" + printable(without_password(pattern), 200) + "' " + why,
              std::move(remedy));
}

/// Closed, not empty, of ASCII, with ranges that go upwards, and no [:class:].
Status check_set(std::string_view pattern, std::string_view set) {
  const std::size_t first = set[1] == '!' || set[1] == '^' ? 2 : 1;
  const std::string_view members = set.substr(first, set.size() - first - 1);
  const bool named = members.size() > 2 && members[0] == '[' &&
                     (members[1] == ':' || members[1] == '.' || members[1] == '=') &&
                     members.back() == members[1];
  if (named) {
    return bad(pattern, "has a [:class:], of which none is known here",
               "write the characters or their ranges: [a-zA-Z]");
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (static_cast<unsigned char>(members[k]) >= 0x80) {
      return bad(pattern, "has a [set] with characters other than ASCII");
    }
    if (k + 2 < members.size() && members[k + 1] == '-' && members[k] > members[k + 2]) {
      return bad(pattern, "has a [set] with a range that goes backwards");
    }
  }
  return {};
}

bool begins_variable(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '(';
}

/// Other programs' wildcards, which would be taken for the characters themselves.
Status check_literal(std::string_view pattern, std::string_view component, std::size_t i) {
  const char c = component[i];
  const auto alone = [&](const std::string& what) {
    return bad(pattern, what,
               std::string("write one pattern for each, or [") + c + "] for the character itself");
  };
  switch (c) {
    case '\\':
      return bad(pattern, "has a backslash, which escapes nothing here",
                 "write [*], [?] or [[] for the character itself");
    case '{':
    case '}':
      return alone("has a brace, and {a,b} is not understood here");
    case '|':
      return alone("has a '|', and alternatives are not understood here");
    case '(':
      if (i > 0 && std::string_view("?*+@!").find(component[i - 1]) != std::string_view::npos) {
        return alone("has one of the shell's extended patterns, which are not understood here");
      }
      return {};
    case '$':
      if (i + 1 < component.size() && begins_variable(component[i + 1])) {
        return alone("has a variable, and none is replaced here");
      }
      return {};
    default:
      return {};
  }
}

Status check_component(std::string_view pattern, std::string_view component) {
  if (component.empty()) return bad(pattern, "has an empty component ('//' or a final '/')");
  if (component == "." || component == "..") {
    return bad(pattern, "has a component '.' or '..'", "write the path without it");
  }
  if (component != "**" && component.find("**") != std::string_view::npos) {
    return bad(pattern, "has '**' inside a component",
               "'**' must be a whole component; '*' matches within one");
  }
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] != '[') {
      SG_CHECK(check_literal(pattern, component, i));
      continue;
    }
    const std::size_t length = set_length(component.substr(i));
    if (length == std::string_view::npos) {
      return bad(pattern, "has a '[' without its ']' in the same component",
                 "write [[] for the character itself");
    }
    SG_CHECK(check_set(pattern, component.substr(i, length)));
    i += length - 1;
  }
  return {};
}

/// What the names are like that a pattern of this scheme could match.
std::string name_form(std::string_view pattern) {
  if (pattern.starts_with(kOras)) {
    return "names are oras://HOST[:PORT]/REPOSITORY:TAG; a repository has lower-case letters, "
           "digits, '.', '_', '-', and a port of 443 is left out";
  }
  if (pattern.starts_with(kLibrary)) {
    return "names are library://[HOST/]ENTITY/COLLECTION/NAME:TAG of letters, digits, '.', '_', "
           "'-'";
  }
  if (pattern.starts_with(kHttps)) {
    return "names are https://HOST[:PORT]/PATH, with no more percent-encoded than must be";
  }
  return "no component of a path is '.' or '..', and a leading dot is matched literally only";
}

bool is_wild(std::string_view text) {
  return text.find_first_of(kWildcards) != std::string_view::npos;
}

/// Calls `each` with every character outside sets; false ends it.
template <typename Each>
bool all_literals(std::string_view text, Each each) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') {
      i += std::min(set_length(text.substr(i)), text.size()) - 1;
    } else if (!each(text[i])) {
      return false;
    }
  }
  return true;
}

/// Where the tag or digest begins in the last component: at the first ':' or '@' outside of sets.
std::size_t reference_begin(std::string_view component) {
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '[') {
      i += std::min(set_length(component.substr(i)), component.size() - i) - 1;
    } else if (component[i] == ':' || component[i] == '@') {
      return i;
    }
  }
  return component.size();
}

/// A host without wildcards is made canonical; one with is put in lower case.
Result<std::string> host_pattern(std::string_view host) {
  if (host.starts_with('[') && host.substr(0, host.find(']')).find(':') != std::string::npos) {
    SG_TRY(const std::string address, canonical_host(host));  // not a set: an IPv6 address
    return "[[]" + address.substr(1);
  }
  if (host.starts_with("[[]")) {
    SG_TRY(const std::string address, canonical_host("[" + std::string(host.substr(3))));
    return "[[]" + address.substr(1);
  }
  if (!is_wild(host)) return canonical_host(host);
  std::string lower = to_lower(host);
  const bool plain = all_literals(lower, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(".-:*?").find(c) != std::string_view::npos;
  });
  if (!plain) {
    return fail(Code::usage, "has something in its host that no image's host may have",
                "write letters, digits, '.', '-' and a port");
  }
  const std::size_t colon = reference_begin(lower);
  std::string port = lower.substr(colon);
  lower.resize(colon);
  if (!is_wild(port)) {
    SG_TRY(port, canonical_port(port));
  }
  if (lower.size() > 1 && lower.ends_with('.')) lower.pop_back();
  return lower + port;
}

Status check_repository(std::string_view name, bool capitals) {
  const bool plain = all_literals(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (capitals && c >= 'A' && c <= 'Z') ||
           std::string_view("._-*?").find(c) != std::string_view::npos;
  });
  if (plain) return {};
  return fail(Code::usage,
              "has something in its repository that none can have, and matches no image",
              capitals ? "write letters, digits, '.', '_' and '-'"
                       : "write lower-case letters, digits, '.', '_' and '-'");
}

/// ":TAG" or "@sha256:HEX", perhaps with wildcards; of both the digest counts, as in names.
Result<std::string> reference_pattern(std::string_view reference, bool library) {
  const std::size_t at = reference.find('@');
  if (at != std::string_view::npos && !is_wild(reference)) {
    std::string digest = to_lower(reference.substr(at + 1));
    if (!is_sha256_reference(digest)) {
      return fail(Code::usage, "has a malformed digest and matches no image",
                  "write @sha256: and 64 hexadecimal digits");
    }
    if (library) return ":sha256." + digest.substr(7);
    return "@" + digest;
  }
  const bool plain = all_literals(reference.substr(1), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._-*?:").find(c) != std::string_view::npos;
  });
  if (reference.size() < 2 || !plain || (library && reference[0] == '@')) {
    return fail(Code::usage, "has a malformed tag or digest and matches no image",
                library ? "write :TAG or :sha256.HEX" : "write :TAG or @sha256:HEX");
  }
  if (reference[0] == '@') return to_lower(reference);
  if (is_wild(reference)) return std::string(reference);
  if (reference.find(':', 1) != std::string_view::npos) {
    return fail(Code::usage, "has two tags and matches no image", "write one");
  }
  SG_TRY(const std::string tag, canonical_tag(reference.substr(1), library));
  return ":" + tag;
}

/// The last component of a repository. Without a tag it is the one that is meant without a tag,
/// unless a '*' may stand for that, too.
Result<std::string> last_pattern(std::string_view component, bool library) {
  if (component == "**") return std::string(component);
  const std::size_t begin = reference_begin(component);
  const std::string_view name = component.substr(0, begin);
  SG_CHECK(check_repository(name, library));
  if (begin < component.size()) {
    SG_TRY(const std::string reference, reference_pattern(component.substr(begin), library));
    return std::string(name) + reference;
  }
  const bool open = !all_literals(name, [](char c) { return c != '*'; });
  return std::string(name) + (open ? "" : ":latest");
}

/// How many of the first components are a host: 0 for a library:// pattern that names none.
bool names_host(std::string_view scheme, const std::vector<std::string>& components) {
  if (scheme != kLibrary) return true;
  if (components[0].find_first_of(".:") != std::string::npos) return true;
  const bool any = contains(components, "**");
  return !any && components.size() == 4;
}

Status make_canonical(std::string_view scheme, std::vector<std::string>& components) {
  const bool library = scheme == kLibrary;
  const bool host = names_host(scheme, components);
  if (host && components[0] != "**") {
    SG_TRY(components[0], host_pattern(components[0]));
    if (components.size() == 1) {
      return fail(Code::usage, "names a host alone and matches no image", "add /** to it");
    }
  }
  for (std::size_t i = host ? 1 : 0; i < components.size(); ++i) {
    std::string& component = components[i];
    if (component == "**") continue;
    if (scheme == kHttps) {
      SG_TRY(component, canonical_component(component, true));
    } else if (i + 1 < components.size()) {
      SG_CHECK(check_repository(component, library));
    } else {
      SG_TRY(component, last_pattern(component, library));
    }
  }
  return {};
}

Result<std::string> uri_pattern(std::string_view pattern) {
  const std::size_t mark = pattern.find("://") + 3;
  const std::string scheme = to_lower(pattern.substr(0, mark));
  if (scheme != kOras && scheme != kLibrary && scheme != kHttps) {
    return bad(pattern, "has an unknown scheme",
               "the schemes are oras://, library:// and https://");
  }
  std::vector<std::string> components = split(pattern.substr(mark), '/');
  const bool ipv6 = components[0].starts_with('[') && !is_wild(components[0].substr(1)) &&
                    components[0].find(':') < components[0].find(']');
  for (std::size_t i = ipv6 ? 1 : 0; i < components.size(); ++i) {
    SG_CHECK(check_component(pattern, components[i]));
  }
  if (const Status made = make_canonical(scheme, components); !made) {
    return bad(pattern, made.error().what(), made.error().remedy());
  }
  std::string text = scheme;
  for (std::size_t i = 0; i < components.size(); ++i) text += (i > 0 ? "/" : "") + components[i];
  return text;
}

/// As names are: what is read from its own text again is the same.
Result<std::string> canonical_uri_pattern(std::string_view pattern) {
  SG_TRY(std::string text, uri_pattern(pattern));
  SG_TRY(const std::string again, uri_pattern(text));
  if (again != text) return bad(pattern, "has no canonical form");
  return text;
}

/// Where no name of the kind goes on as the pattern does, it would stand there and do nothing.
Status check_satisfiable(std::string_view given, std::string_view pattern) {
  const auto stuck = unmatchable_rest(pattern);
  if (!stuck) return {};
  const std::string place = stuck->empty()
                                ? "no image's name ends there"
                                : "no image's name goes on with '" + printable(*stuck, 100) + "'";
  return bad(given, "matches no image: " + place, name_form(pattern));
}

}  // namespace

Result<std::string> canonical_pattern(std::string_view pattern) {
  if (pattern.size() >= kMaxImageName) return bad(pattern, "is too long");
  if (!is_utf8(pattern) || std::any_of(pattern.begin(), pattern.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      })) {
    return bad(pattern, "has a control character or is not UTF-8");
  }
  const std::string lower = to_lower(pattern.substr(0, pattern.find('/')));
  if (is_image_uri(lower + "//") && pattern.substr(lower.size()).starts_with("//")) {
    SG_TRY(std::string text, canonical_uri_pattern(pattern));
    SG_CHECK(check_satisfiable(pattern, text));
    return text;
  }
  if (!pattern.starts_with('/')) {
    return bad(pattern, "is not an absolute path",
               "start it with / or with oras://, library:// or https://");
  }
  for (const std::string& component : split(pattern.substr(1), '/')) {
    SG_CHECK(check_component(pattern, component));
  }
  SG_CHECK(check_satisfiable(pattern, pattern));
  return std::string(pattern);
}

std::string escaped_pattern(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (kWildcards.find(c) != std::string_view::npos) {
      pattern += std::string("[") + c + "]";
    } else {
      pattern += c;
    }
  }
  return pattern;
}

std::string_view literal_reference(std::string_view pattern) {
  if (!pattern.starts_with(kOras) && !pattern.starts_with(kLibrary)) return {};
  const std::string_view last = pattern.substr(pattern.rfind('/') + 1);
  const std::string_view reference = last.substr(std::min(reference_begin(last) + 1, last.size()));
  return is_wild(reference) ? std::string_view() : reference;
}

std::string with_any_reference(std::string_view pattern) {
  if (pattern.starts_with(kHttps)) {
    const std::size_t mark = pattern.find('?', pattern.find('/', kHttps.size()));
    pattern = pattern.substr(0, mark);
    return std::string(pattern) + (pattern.ends_with('*') ? "" : "*");
  }
  if (!is_image_uri(pattern)) return std::string(pattern);
  const std::size_t last = pattern.rfind('/') + 1;
  const std::size_t begin = reference_begin(pattern.substr(last));
  if (last + begin == pattern.size()) return std::string(pattern);  // a '*' stands for it
  return std::string(pattern.substr(0, last + begin)) + "[:@]*";
}

}  // namespace sifguard
