// A JSON object whose fields are strings, numbers and lists of strings, read without a tree: for
// files of a million records. As strict as json_tree.h. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/strict_json.h"

namespace sifguard {

class FlatJson {
 public:
  /// Values inside of objects, and of lists in lists, are checked and dropped. Errors: the rules'
  /// code, and what is wrong.
  [[nodiscard]] static Result<FlatJson> parse(std::string_view text, const JsonRules& rules);

  [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
  /// A string; of what is none, how JSON writes it: "7", "true", "null". A list's strings with a
  /// blank between two. Empty without such a field, and for an object.
  [[nodiscard]] std::string text(std::string_view name) const;
  /// The strings of a list; none if the field is not a list.
  [[nodiscard]] std::vector<std::string> items(std::string_view name) const;
  /// nullopt if the field is not a whole number that fits.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  struct Field {
    std::string name = {}, text = {};
    std::vector<std::string> items = {};
    std::optional<std::int64_t> integer = {};
  };
  class Reader;
  [[nodiscard]] const Field* find(std::string_view name) const noexcept;
  std::vector<Field> fields_;
};

}  // namespace sifguard
