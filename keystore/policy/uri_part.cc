// The parts of URIs, in their one canonical form. Pure.
#include "keystore/policy/uri_part.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "keystore/base/ascii.h"
#include "keystore/base/text.h"
#include "keystore/policy/pattern_element.h"

namespace sifguard {
namespace {

constexpr std::string_view kUnreserved = "-._~";
constexpr std::string_view kSubDelims = "!$&'()*+,=:@";  // of RFC 3986, without ';', with ":@"

tl::unexpected<Error> wrong_part(const std::string& what, std::string remedy = {}) {
  return fail(Code::usage, what, std::move(remedy));
}

/// One that stands alone has no form of its own: "[", "%", a blank.
std::string shown(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte > ' ' && byte < 0x7F) return std::string("'") + c + "'";
  return byte >= 0x80 ? "a character other than ASCII" : "a blank or control character";
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte that "%XX" at the start of `text` stands for. Refused is what servers differ about.
Result<char> decode(std::string_view text) {
  const int high = text.size() > 2 ? hex_value(text[1]) : -1;
  const int low = text.size() > 2 ? hex_value(text[2]) : -1;
  if (high < 0 || low < 0) {
    return wrong_part("has a '%' without two hexadecimal digits",
                      "write %25 for the character itself");
  }
  const int byte = high * 16 + low;
  if (byte == '/' || byte == '\\') return wrong_part("has an encoded slash", "leave it out");
  if (byte < 0x20 || byte == 0x7F) return wrong_part("has an encoded control character");
  // Spelled in parts ("%25%36%35") it is seen when the result is read again.
  if (byte == '%' && text.size() > 4 && hex_value(text[3]) >= 0 && hex_value(text[4]) >= 0) {
    return wrong_part("has something encoded twice", "encode it once");
  }
  return static_cast<char>(byte);
}

std::string encoded(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'%', kHex[byte >> 4U], kHex[byte & 15U]};
}

bool is_path_character(char c) {
  return is_alphanumeric(c) || kUnreserved.find(c) != std::string_view::npos ||
         kSubDelims.find(c) != std::string_view::npos;
}

tl::unexpected<Error> must_encode(char c) {
  if (c == ';') return wrong_part("has a ';', which some servers cut a path at", "leave it out");
  if (c == '#') return wrong_part("has a fragment, which no server is told", "leave out '#…'");
  return wrong_part("has " + shown(c) + ", which an address cannot hold as it is",
                    "write it percent-encoded");
}

/// "[ADDRESS]" at the start of a host.
Result<std::string> canonical_ipv6(std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> name{};
  const std::string address(text.substr(1, text.size() - 2));
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1 ||
      ::inet_ntop(AF_INET6, bytes.data(), name.data(), name.size()) == nullptr) {
    return wrong_part("has a malformed IPv6 address in its host");
  }
  static constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return wrong_part("has an IPv4 address written as IPv6", "write the IPv4 address");
  }
  return "[" + std::string(name.data()) + "]";
}

bool is_ipv4(const std::string& text) {
  std::array<unsigned char, 4> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1;
}

/// A name of labels, or an IPv4 address in its usual form: getaddrinfo() takes many others for it.
Result<std::string> canonical_host_name(std::string_view text) {
  std::string name = to_lower(text);
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  if (name.empty()) return wrong_part("has an empty host");
  if (name.size() > 253) return wrong_part("has a host of more than 253 characters");
  for (const char c : name) {
    if (is_alphanumeric(c) || c == '.' || c == '-') continue;
    if (static_cast<unsigned char>(c) >= 0x80) {
      return wrong_part("has characters other than ASCII in its host", "write it as xn--…");
    }
    return wrong_part("has " + shown(c) + " in its host, which no image's host may have");
  }
  const auto labels = split(name, '.');
  for (const std::string& label : labels) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return wrong_part("has a malformed host '" + printable(name, 100) + "'");
    }
  }
  const std::string& last = labels.back();
  const bool number = last.find_first_not_of("0123456789") == std::string::npos ||
                      (last.starts_with("0x") &&
                       last.find_first_not_of("0123456789abcdef", 2) == std::string::npos);
  if (number && !is_ipv4(name)) {
    return wrong_part("has a malformed IPv4 address as its host", "write four decimal numbers");
  }
  return name;
}

/// To a pattern, a slash in a query is like one of the path, so that the same is between slashes.
Status check_slashes(std::string_view query) {
  const std::vector<std::string> parts = split(query, '/');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty() || parts[i] == "." || parts[i] == "..") {
      return wrong_part("has nothing, '.' or '..' behind a slash of its query", "write %2F there");
    }
  }
  return {};
}

}  // namespace

Result<std::string> canonical_port(std::string_view text) {
  if (text.empty()) return std::string();
  text.remove_prefix(1);
  unsigned port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
    return wrong_part("has a malformed port '" + printable(text, 50) + "'");
  }
  return port == 443 ? std::string() : ":" + std::to_string(port);
}

Result<std::string> canonical_host(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    return wrong_part("has '@' in its host: user names and passwords do not belong there",
                      "keep them where apptainer registry login or ~/.netrc does");
  }
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || (end + 1 < text.size() && text[end + 1] != ':')) {
      return wrong_part("has a malformed IPv6 address in its host");
    }
    SG_TRY(const std::string address, canonical_ipv6(text.substr(0, end + 1)));
    SG_TRY(const std::string port, canonical_port(text.substr(end + 1)));
    return address + port;
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  SG_TRY(const std::string name, canonical_host_name(text.substr(0, colon)));
  SG_TRY(const std::string port, canonical_port(text.substr(colon)));
  return name + port;
}

Result<std::string> plain_component(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      SG_TRY(c, decode(text.substr(i)));
      i += 2;
    }
    if (!is_alphanumeric(c) && c != '.' && c != '_' && c != '-') {
      if (c == '?') return wrong_part("has a query", "leave out '?…'");
      if (c == '#') return wrong_part("has a fragment", "leave out '#…'");
      return wrong_part("has " + shown(c) + ", which the name of a repository cannot have");
    }
    out += c;
  }
  if (out.empty()) return wrong_part("has an empty component ('//' or a final '/')");
  if (out == "." || out == "..") return wrong_part("has a component '.' or '..'", "leave it out");
  return out;
}

Result<std::string> canonical_tag(std::string_view text, bool library) {
  SG_TRY(std::string tag, plain_component(text));
  if (tag.size() > 128 || tag.front() == '.' || tag.front() == '-') {
    return wrong_part("has a malformed tag '" + printable(tag, 150) + "'");
  }
  constexpr std::string_view kHash = "sha256.";
  constexpr std::size_t kDigits = 64;
  const std::string lower = to_lower(tag);
  const bool digest =
      library && lower.starts_with(kHash) && lower.size() == kHash.size() + kDigits &&
      lower.find_first_not_of("0123456789abcdef", kHash.size()) == std::string::npos;
  return digest ? lower : tag;
}

Result<std::string> canonical_component(std::string_view component, bool pattern) {
  std::string out;
  for (std::size_t i = 0; i < component.size(); ++i) {
    char c = component[i];
    if (pattern && c == '[') {
      const std::size_t closed = set_length(component.substr(i));
      const std::size_t length = closed == std::string_view::npos ? 1 : closed;
      out += component.substr(i, length);
      i += length - 1;
      continue;
    }
    const bool was_encoded = c == '%';
    if (was_encoded) {
      SG_TRY(c, decode(component.substr(i)));
      i += 2;
    }
    const bool wildcard = pattern && (c == '*' || c == '?');
    // What other programs replace is the character itself when it was encoded.
    const bool literal = was_encoded && pattern && (c == '*' || c == '$' || c == '(');
    if (c == ';' || (!was_encoded && !wildcard && !is_path_character(c))) return must_encode(c);
    if (was_encoded && !is_path_character(c)) {
      out += encoded(c);
    } else {
      out += literal ? std::string("[") + c + "]" : std::string(1, c);
    }
  }
  if (out.empty()) return wrong_part("has an empty component ('//' or a final '/')");
  if (out == "." || out == "..") return wrong_part("has a component '.' or '..'", "leave it out");
  return out;
}

Result<std::string> canonical_query(std::string_view query) {
  std::string out;
  for (std::size_t i = 0; i < query.size(); ++i) {
    char c = query[i];
    const bool was_encoded = c == '%';
    if (was_encoded) {
      // A slash separates nothing here.
      if (query.substr(i, 3) == "%2F" || query.substr(i, 3) == "%2f") {
        out += "%2F";
        i += 2;
        continue;
      }
      SG_TRY(c, decode(query.substr(i)));
      i += 2;
    }
    const bool plain = is_alphanumeric(c) || kUnreserved.find(c) != std::string_view::npos;
    if (!was_encoded && !plain && !is_path_character(c) && c != '/' && c != '?' && c != ';') {
      return must_encode(c);
    }
    out += plain || !was_encoded ? std::string(1, c) : encoded(c);
  }
  SG_CHECK(check_slashes(out));
  return out;
}

}  // namespace sifguard
