// What JSON must be before anything is read from it. Pure.
#include "keystore/base/json_inspector.h"

namespace sifguard {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

}  // namespace

std::string_view json_object_in(std::string_view text, const JsonRules& rules,
                                std::string& complaint) {
  if (text.size() > rules.max_bytes) {
    complaint = "larger than " + std::to_string(rules.max_bytes) + " bytes";
    return {};
  }
  const std::string_view object = rules.exact ? text : without_blanks(text);
  // Also keeps out a byte order mark, which the library would skip.
  if (object.starts_with('{') && object.ends_with('}')) return object;
  complaint = rules.exact ? "not a JSON object from its first byte to its last"
                          : "not an object of named fields";
  return {};
}

}  // namespace sifguard
