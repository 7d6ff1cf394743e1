// A small, strict reader of YAML documents over libyaml's events. Pure; any process.
//
// Policy and configuration need mappings, lists and one-line scalars, and nothing else is read. The
// following is refused, with the line: anchors and aliases, tags and directives, repeated or
// non-scalar keys, several documents, values that span lines, control characters, line ends other
// than "\n" (with which a comment can end where an editor does not show it), text that is not
// UTF-8, nesting deeper than 16, more than a million nodes, and anything larger than the caller's
// limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct YamlEntry;

/// One value. Lines count from 1, columns (in characters) from 0.
struct YamlNode {
  enum class Kind { scalar, sequence, mapping };
  Kind kind = Kind::mapping;
  bool plain = false;  ///< a scalar without quotes, which may be a number, boolean or null
  bool flow = false;   ///< a sequence or mapping in brackets
  int line = 1;
  int column = 0;
  int last_line = 1;   ///< the last line with content of this node; comments do not count
  int end_column = 0;  ///< one past the end, for scalars and flow collections
  std::string text;    ///< of a scalar
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;

  /// Whether it is a plain scalar that YAML treats as null: an empty one, "~" or "null".
  [[nodiscard]] bool is_null() const noexcept;
};

struct YamlEntry {
  std::string key;
  int line = 1;
  int key_end_column = 0;
  YamlNode value;
};

/// Reads the only document in `text`; without any content it is an empty mapping. `file` is for
/// messages. Errors: Code::config, "FILE:LINE: …".
[[nodiscard]] Result<YamlNode> parse_yaml(std::string_view text, std::string_view file,
                                          std::size_t limit);

}  // namespace sifguard
