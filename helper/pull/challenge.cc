// What a registry requests with "WWW-Authenticate". Pure.
#include "helper/pull/challenge.h"

#include <algorithm>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxHeader = 8192;

void skip(std::string_view& text, std::string_view what) {
  text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
}

/// A quoted string or a token, taken off the front; false when there is none.
bool take_value(std::string_view& text, std::string& value) {
  if (text.empty() || text.front() != '"') {
    const std::size_t end = std::min(text.find_first_of(", \t"), text.size());
    value = text.substr(0, end);
    text.remove_prefix(end);
    return !value.empty();
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\' && ++i == text.size()) return false;
    value += text[i];
  }
  return false;
}

}  // namespace

Result<Challenge> parse_challenge(std::string_view header) {
  const auto refuse = [&] {
    return fail(Code::refused, "the registry asks for an authentication that is not known here: '" +
                                   printable(header, 200) + "'");
  };
  if (header.size() > kMaxHeader) return refuse();
  std::string_view rest = header;
  skip(rest, " \t");
  const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string scheme = to_lower(rest.substr(0, end));
  rest.remove_prefix(end);
  Challenge challenge;
  challenge.bearer = scheme == "bearer";
  if (!challenge.bearer && scheme != "basic") return refuse();
  for (skip(rest, " \t,"); !rest.empty(); skip(rest, " \t,")) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return refuse();
    std::string name = to_lower(rest.substr(0, equals));
    if (name.empty() || name.find_first_of(" \t\",") != std::string::npos) return refuse();
    rest.remove_prefix(equals + 1);
    std::string value;
    if (!take_value(rest, value)) return refuse();
    if (!challenge.parameters.emplace(std::move(name), std::move(value)).second) return refuse();
  }
  return challenge;
}

}  // namespace sifguard
