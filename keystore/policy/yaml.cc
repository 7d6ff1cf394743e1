// A small, strict reader of YAML documents over libyaml's events. Pure; any process.
#include "keystore/policy/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <set>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxNodes = 1'000'000;

int line_of(const yaml_mark_t& mark) {
  return static_cast<int>(mark.line) + 1;
}

/// Owns one libyaml event.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* fresh() {
    yaml_event_delete(&event_);  // leaves it zeroed
    return &event_;
  }
  const yaml_event_t* operator->() const { return &event_; }
  const yaml_event_t& operator*() const { return event_; }

 private:
  yaml_event_t event_{};
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : file_(file) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  Result<YamlNode> document() {
    if (!ready_) return fail(Code::temporary, "no memory to read " + file_);
    Event event;
    SG_CHECK(next(event));  // the start of the stream
    SG_CHECK(next(event));
    if (event->type == YAML_STREAM_END_EVENT) return YamlNode{};
    const auto& start = event->data.document_start;
    if (start.version_directive != nullptr ||
        start.tag_directives.start != start.tag_directives.end) {
      return refuse(line_of(event->start_mark), "YAML directives are not allowed",
                    "remove the lines that start with %");
    }
    SG_CHECK(next(event));
    SG_TRY(YamlNode root, node(event, 1));
    SG_CHECK(next(event));  // the end of the document
    SG_CHECK(next(event));
    if (event->type != YAML_STREAM_END_EVENT) {
      return refuse(line_of(event->start_mark), "a second YAML document is not allowed",
                    "remove the line '---'");
    }
    return root;
  }

 private:
  tl::unexpected<Error> refuse(int line, const std::string& what, std::string remedy = {}) const {
    return fail(Code::config, file_ + ":" + std::to_string(line) + ": " + what, std::move(remedy));
  }

  Status next(Event& event) {
    if (yaml_parser_parse(&parser_, event.fresh()) == 1) return {};
    if (parser_.error == YAML_MEMORY_ERROR) {
      return fail(Code::temporary, "no memory to read " + file_);
    }
    const char* problem = parser_.problem != nullptr ? parser_.problem : "malformed";
    return refuse(line_of(parser_.problem_mark), "not valid YAML: " + std::string(problem));
  }

  Result<YamlNode> node(Event& event, int depth) {
    const int line = line_of(event->start_mark);
    if (depth > kMaxDepth) return refuse(line, "nested deeper than 16 levels");
    if (++nodes_ > kMaxNodes) return refuse(line, "more than a million values");
    YamlNode made;
    made.line = line;
    made.column = static_cast<int>(event->start_mark.column);
    made.last_line = line;
    switch (event->type) {
      case YAML_SCALAR_EVENT:
        SG_CHECK(scalar(*event, made));
        return made;
      case YAML_SEQUENCE_START_EVENT:
        SG_CHECK(sequence(event, made, depth));
        return made;
      case YAML_MAPPING_START_EVENT:
        SG_CHECK(mapping(event, made, depth));
        return made;
      case YAML_ALIAS_EVENT:
        return refuse(line, "YAML aliases (*name) are not allowed", "write the value out");
      default:
        return refuse(line, "not valid YAML: a value is missing");
    }
  }

  Status plain_of_decoration(const yaml_char_t* anchor, const yaml_char_t* tag, int line) const {
    if (anchor != nullptr) {
      return refuse(line, "YAML anchors (&name) are not allowed",
                    "remove it, and write the value out where it is wanted again");
    }
    if (tag != nullptr) return refuse(line, "YAML tags (!name) are not allowed", "remove it");
    return {};
  }

  Status scalar(const yaml_event_t& event, YamlNode& made) const {
    const auto& scalar = event.data.scalar;
    SG_CHECK(plain_of_decoration(scalar.anchor, scalar.tag, made.line));
    made.kind = YamlNode::Kind::scalar;
    made.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    made.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    made.end_column = static_cast<int>(event.end_mark.column);
    const bool block =
        scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE;
    if (block || event.end_mark.line != event.start_mark.line) {
      return refuse(made.line, "a value that spans lines is not allowed",
                    "write it on one line, in double quotes if need be");
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::any_of(made.text.begin(), made.text.end(), control)) {
      return refuse(made.line, "a value contains a control character");
    }
    return {};
  }

  Status sequence(Event& event, YamlNode& made, int depth) {
    const auto& start = event->data.sequence_start;
    SG_CHECK(plain_of_decoration(start.anchor, start.tag, made.line));
    made.kind = YamlNode::Kind::sequence;
    made.flow = start.style == YAML_FLOW_SEQUENCE_STYLE;
    for (;;) {
      SG_CHECK(next(event));
      if (event->type == YAML_SEQUENCE_END_EVENT) return finish(*event, made);
      SG_TRY(YamlNode item, node(event, depth + 1));
      extend(made, item);
      made.items.push_back(std::move(item));
    }
  }

  Status mapping(Event& event, YamlNode& made, int depth) {
    const auto& start = event->data.mapping_start;
    SG_CHECK(plain_of_decoration(start.anchor, start.tag, made.line));
    made.kind = YamlNode::Kind::mapping;
    made.flow = start.style == YAML_FLOW_MAPPING_STYLE;
    std::set<std::string> seen;
    made.entries.reserve(4);
    for (;;) {
      SG_CHECK(next(event));
      if (event->type == YAML_MAPPING_END_EVENT) return finish(*event, made);
      SG_TRY(YamlNode key, node(event, depth + 1));
      if (key.kind != YamlNode::Kind::scalar || key.is_null()) {
        return refuse(key.line, "a field's name must be a plain word");
      }
      if (is_repeated(made.entries, key.text, seen)) {
        return refuse(key.line, "the field '" + printable(key.text, 100) + "' is repeated");
      }
      SG_CHECK(next(event));
      SG_TRY(YamlNode value, node(event, depth + 1));
      made.last_line = std::max(made.last_line, key.line);
      extend(made, value);
      made.entries.push_back({std::move(key.text), key.line, key.end_column, std::move(value)});
    }
  }

  /// Whether a field is there already; `seen` is for mappings with many of them.
  static bool is_repeated(const std::vector<YamlEntry>& entries, const std::string& key,
                          std::set<std::string>& seen) {
    constexpr std::size_t kFew = 16;
    if (entries.size() < kFew) {
      return std::any_of(entries.begin(), entries.end(),
                         [&](const YamlEntry& entry) { return entry.key == key; });
    }
    if (seen.empty()) {
      for (const YamlEntry& entry : entries) seen.insert(entry.key);
    }
    return !seen.insert(key).second;
  }

  /// An empty plain scalar stands nowhere: libyaml gives it the place of the token that follows.
  static void extend(YamlNode& made, const YamlNode& part) {
    const bool nowhere = part.kind == YamlNode::Kind::scalar && part.plain && part.text.empty();
    if (!nowhere) made.last_line = std::max(made.last_line, part.last_line);
  }

  /// A block collection ends where the next token starts, past comments; a flow one at its bracket.
  static Status finish(const yaml_event_t& event, YamlNode& made) {
    if (made.flow) {
      made.last_line = line_of(event.end_mark);
      made.end_column = static_cast<int>(event.end_mark.column);
    }
    return {};
  }

  std::string file_;
  yaml_parser_t parser_{};
  bool ready_ = false;
  std::size_t nodes_ = 0;
};

/// What to refuse before libyaml looks at the text; npos when there is nothing.
std::size_t forbidden_line_end(std::string_view text) {
  const auto found = {text.find('\r'), text.find("\xC2\x85"), text.find("\xE2\x80\xA8"),
                      text.find("\xE2\x80\xA9")};
  return std::min(found);
}

}  // namespace

bool YamlNode::is_null() const noexcept {
  if (kind != Kind::scalar || !plain) return false;
  return text.empty() || text == "~" || (text.size() == 4 && to_lower(text) == "null");
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file, std::size_t limit) {
  const std::string name(file);
  if (text.size() > limit) {
    return fail(Code::config, name + ": larger than " + std::to_string(limit) + " bytes");
  }
  if (!is_utf8(text)) {
    std::size_t line = 1;
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos;
         start = end + 1, end = text.find('\n', start), ++line) {
      if (!is_utf8(text.substr(start, end - start))) break;
    }
    return fail(Code::config, name + ":" + std::to_string(line) + ": not UTF-8 text, or a NUL byte",
                "save the file as UTF-8");
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return fail(Code::config, name + ":1: starts with a byte order mark",
                "save the file as UTF-8 without BOM");
  }
  if (const std::size_t at = forbidden_line_end(text); at != std::string_view::npos) {
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return fail(Code::config,
                name + ":" + std::to_string(line + 1) + ": a line end other than newline",
                "save the file with Unix line ends");
  }
  return Parser(text, file).document();
}

}  // namespace sifguard
