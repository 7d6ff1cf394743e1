// Changes to the text of images.yaml that leave everything else unchanged. Pure text.
#include "keystore/policy/images_edit.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/policy/yaml.h"

namespace sifguard {
namespace {

/// The document as lines without their ends, and the place of the bindings in it.
struct Document {
  std::vector<std::string> lines;
  YamlEntry images;
  int column = 2;  ///< of a first '-'
  Policy policy;

  [[nodiscard]] std::string& line(int number) {
    return lines[static_cast<std::size_t>(number) - 1];
  }
  [[nodiscard]] int line_count() const { return static_cast<int>(lines.size()); }
};

tl::unexpected<Error> not_editable(int line, const std::string& why) {
  return fail(Code::config,
              std::string(kImagesFile) + ":" + std::to_string(line) + ": cannot edit: " + why,
              "write `images:` on a line of its own and each binding on lines of its own");
}

/// Columns count characters; the position in bytes of the one at `column`.
std::size_t byte_at(std::string_view line, int column) {
  std::size_t at = 0;
  while (column > 0 && at < line.size()) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80) ++at;
    --column;
  }
  return at;
}

Result<Document> read_document(std::string_view text) {
  Document document;
  SG_TRY(document.policy, parse_policy(text));
  SG_TRY(YamlNode root, parse_yaml(text, kImagesFile, kMaxImagesSize));
  if (root.flow) return not_editable(root.line, "the file is written in {brackets}");
  document.column = root.column + 2;
  for (YamlEntry& entry : root.entries) {
    if (entry.key == "images") document.images = std::move(entry);
  }
  const YamlNode& list = document.images.value;
  if (list.flow && !list.items.empty()) {
    return not_editable(list.line, "the bindings are written in [brackets]");
  }
  document.lines = split(text, '\n');
  if (document.lines.back().empty()) document.lines.pop_back();
  return document;
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

bool is_blank_or_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos || line[first] == '#';
}

/// The lines that belong to one item of the list, both included.
struct Range {
  int first;
  int last;
};

/// From the item's '-' (which may stand on a line above its first field) to its last line and the
/// comments under it that are indented further than the '-'.
Result<Range> item_range(Document& document, std::size_t index) {
  const YamlNode& list = document.images.value;
  const YamlNode& item = list.items[index];
  const auto dash = static_cast<std::size_t>(list.column);
  const auto starts_item = [&](int number) {
    const std::string& line = document.line(number);
    return line.find_first_not_of(' ') == dash && line[dash] == '-';
  };
  Range range{item.line, item.last_line};
  while (!starts_item(range.first) && range.first > document.images.line + 1 &&
         (range.first == item.line || is_blank_or_comment(document.line(range.first)))) {
    --range.first;
  }
  if (!starts_item(range.first)) {
    return not_editable(item.line, "the '-' of the binding is not at the start of its line");
  }
  while (range.last < document.line_count()) {
    const std::string& next = document.line(range.last + 1);
    const std::size_t first = next.find_first_not_of(' ');
    if (first == std::string::npos || next[first] != '#' || first <= dash) break;
    ++range.last;
  }
  return range;
}

/// "images: []" becomes "images:", so that items can follow; a comment behind it stays.
Status open_list(Document& document) {
  const YamlNode& list = document.images.value;
  std::string& line = document.line(list.line);
  if (list.line != list.last_line) return not_editable(list.line, "[] spans lines");
  const std::size_t begin = byte_at(line, list.column);
  const std::size_t end = byte_at(line, list.end_column);
  line.erase(begin, end - begin);
  line.erase(line.find_last_not_of(" \t") + 1);
  return {};
}

/// The opposite, when the last binding has gone.
Status close_list(Document& document) {
  std::string& line = document.line(document.images.line);
  const std::size_t colon = line.find(':', byte_at(line, document.images.key_end_column));
  if (colon == std::string::npos) {
    return not_editable(document.images.line, "no ':' after `images`");
  }
  line.insert(colon + 1, " []");
  return {};
}

/// The bindings as they must be afterwards, whatever lines they moved to.
Status holds(const std::string& text, std::vector<Binding> expected) {
  auto parsed = parse_policy(text);
  if (!parsed) {
    return fail(Code::config, "the changed file would not be valid: " + parsed.error().what(),
                parsed.error().remedy());
  }
  for (Binding& binding : expected) binding.line = 0;
  for (Binding& binding : parsed->bindings) binding.line = 0;
  if (parsed->bindings != expected) {
    return fail(Code::internal, "the change to images.yaml would alter other bindings",
                "make it with an editor");
  }
  return {};
}

/// The binding by itself, as it will be read, so that the message is about what was asked for and
/// not about a line of a file that is not written yet.
Result<Binding> read_alone(const Binding& binding) {
  auto parsed = parse_policy("version: 1\nimages:\n" + format_binding(binding, 2));
  if (parsed) return std::move(parsed->bindings.front());
  std::string_view what = parsed.error().what();
  what.remove_prefix(std::min(what.size(), what.find(": ") + 2));
  return fail(Code::usage, std::string(what), parsed.error().remedy());
}

std::string_view text_or_empty(std::string_view text) {
  return text.find_first_not_of(" \t\n") == std::string_view::npos ? kEmptyImages : text;
}

const Binding* find_binding(const Policy& policy, std::string_view name) {
  const auto found = std::find_if(policy.bindings.begin(), policy.bindings.end(),
                                  [&](const Binding& one) { return one.name == name; });
  return found == policy.bindings.end() ? nullptr : &*found;
}

std::vector<std::string> lines_of(const Binding& binding, int column) {
  std::vector<std::string> lines = split(format_binding(binding, column), '\n');
  lines.pop_back();
  return lines;
}

Result<std::string> append(Document& document, const Binding& binding) {
  const YamlNode& list = document.images.value;
  int column = document.column;
  int after = document.images.line;
  if (list.items.empty()) {
    SG_CHECK(open_list(document));
    after = list.line;
  } else {
    column = list.column;
    SG_TRY(const Range last, item_range(document, list.items.size() - 1));
    after = last.last;
  }
  const auto added = lines_of(binding, column);
  document.lines.insert(document.lines.begin() + after, added.begin(), added.end());
  std::string result = join(document.lines);
  document.policy.bindings.push_back(binding);
  SG_CHECK(holds(result, document.policy.bindings));
  return result;
}

/// Comments above the binding stay, those within it go.
Result<std::string> exchange(Document& document, std::size_t index, const Binding& binding) {
  SG_TRY(const Range range, item_range(document, index));
  const auto fresh = lines_of(binding, document.images.value.column);
  const auto at = document.lines.erase(document.lines.begin() + range.first - 1,
                                       document.lines.begin() + range.last);
  document.lines.insert(at, fresh.begin(), fresh.end());
  std::string result = join(document.lines);
  document.policy.bindings[index] = binding;
  SG_CHECK(holds(result, document.policy.bindings));
  return result;
}

}  // namespace

Result<std::string> append_binding(std::string_view text, const Binding& written) {
  SG_TRY(const Binding binding, read_alone(written));
  SG_TRY(Document document, read_document(text_or_empty(text)));
  if (const Binding* const other = find_binding(document.policy, binding.name)) {
    return fail(Code::exists,
                "the binding '" + binding.name +
                    "' exists already (images.yaml:" + std::to_string(other->line) + ")",
                "take another name, or remove it first with `sifctl image unbind`");
  }
  return append(document, binding);
}

Result<ChangedImages> put_binding(std::string_view text, const Binding& written, bool replace) {
  SG_TRY(Binding binding, read_alone(written));
  SG_TRY(Document document, read_document(text_or_empty(text)));
  const Binding* const other = find_binding(document.policy, binding.name);
  if (other == nullptr) {
    SG_TRY(std::string changed, append(document, binding));
    return ChangedImages{std::move(changed), PutBinding::added};
  }
  binding.line = other->line;
  if (*other == binding) return ChangedImages{std::string(text), PutBinding::unchanged};
  if (!replace) {
    return fail(Code::exists,
                "the binding '" + binding.name + "' exists already (images.yaml:" +
                    std::to_string(other->line) + ") and says something else",
                "give --replace to put this one in its place, or take another name");
  }
  const auto at = static_cast<std::size_t>(other - document.policy.bindings.data());
  SG_TRY(std::string changed, exchange(document, at, binding));
  return ChangedImages{std::move(changed), PutBinding::replaced};
}

Result<std::string> remove_binding(std::string_view text, std::string_view name) {
  SG_TRY(Document document, read_document(text_or_empty(text)));
  auto& bindings = document.policy.bindings;
  const auto found = std::find_if(bindings.begin(), bindings.end(),
                                  [&](const Binding& b) { return b.name == name; });
  if (found == bindings.end()) {
    return fail(Code::absent, "there is no binding '" + printable(name, 100) + "'",
                "see `sifctl image list`");
  }
  SG_TRY(const Range range,
         item_range(document, static_cast<std::size_t>(found - bindings.begin())));
  document.lines.erase(document.lines.begin() + range.first - 1,
                       document.lines.begin() + range.last);
  bindings.erase(found);
  if (bindings.empty()) SG_CHECK(close_list(document));
  std::string result = join(document.lines);
  SG_CHECK(holds(result, bindings));
  return result;
}

}  // namespace sifguard
