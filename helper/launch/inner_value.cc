// How a variable's value must be written for it to arrive unchanged in the container. Pure.
#include "helper/launch/inner_value.h"

#include <algorithm>
#include <cstddef>

#include "keystore/base/ascii.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// What means itself in any quotes and expansions. A newline at the end of a command's output would
/// be lost, so newlines stand for themselves.
bool is_plain(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("_ %+,-./:=@^\n").find(c) != std::string::npos;
}

std::string octal(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const auto digit = [&](unsigned shift) {
    return static_cast<char>('0' + ((byte >> shift) & 7U));
  };
  return {'\\', digit(6), digit(3), digit(0)};
}

/// Every byte that is not plain as the output of the shell's own printf.
std::string printed(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size();) {
    if (is_plain(value[i])) {
      text += value[i++];
      continue;
    }
    text += "$(printf '";
    while (i < value.size() && !is_plain(value[i])) text += octal(value[i++]);
    text += "')";
  }
  return text;
}

}  // namespace

std::string inner_value(std::string_view value) {
  if (!is_utf8(value) || value.find_first_of("\r\"") != std::string_view::npos) {
    return printed(value);
  }
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '$' || c == '`') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string inner_default(std::string_view name, std::string_view value) {
  return "${" + std::string(name) + "-" + printed(value) + "}";
}

bool is_passed_on(std::string_view value) {
  return is_utf8(value) && value.find("\\u000A") == std::string_view::npos;
}

}  // namespace sifguard
