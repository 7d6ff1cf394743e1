// Reading a schema out of a strict YAML document: typed access, with errors that say where.
#include "keystore/policy/yaml_view.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// Levenshtein distance; both words are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string suggestion(std::string_view word, std::initializer_list<std::string_view> known) {
  std::string_view nearest;
  std::size_t least = 3;  // further away it is another word
  std::string list;
  for (const std::string_view name : known) {
    list += (list.empty() ? "" : ", ") + std::string(name);
    const std::size_t d = word.size() > 64 ? least : distance(to_lower(word), name);
    if (d < least && d < name.size()) {
      least = d;
      nearest = name;
    }
  }
  if (!nearest.empty()) return "did you mean '" + std::string(nearest) + "'?";
  return "the fields here are: " + list;
}

}  // namespace

tl::unexpected<Error> YamlView::error(const std::string& what, std::string remedy) const {
  std::string message = std::string(file_) + ":" + std::to_string(line_) + ": ";
  if (!label_.empty()) message += label_ + ": ";
  return fail(Code::config, message + what, std::move(remedy));
}

Status YamlView::only_fields(std::initializer_list<std::string_view> known) const {
  if (node_->kind != YamlNode::Kind::mapping) {
    return error("must be a mapping (field: value)");
  }
  for (const YamlEntry& entry : node_->entries) {
    if (!contains(known, entry.key)) {
      return YamlView(entry.value, file_, label_, entry.line)
          .error("unknown field '" + printable(entry.key, 100) + "'", suggestion(entry.key, known));
    }
  }
  return {};
}

std::optional<YamlView> YamlView::field(std::string_view name) const {
  for (const YamlEntry& entry : node_->entries) {
    if (entry.key == name) {
      std::string label;
      label.reserve(label_.size() + 2 + entry.key.size());
      if (!label_.empty()) label.append(label_).append(": ");
      label += entry.key;
      return YamlView(entry.value, file_, std::move(label), entry.line);
    }
  }
  return std::nullopt;
}

Result<YamlView> YamlView::required(std::string_view name) const {
  auto found = field(name);
  if (!found) return error("the field '" + std::string(name) + "' is missing");
  return *std::move(found);
}

Result<std::vector<YamlView>> YamlView::items() const {
  if (node_->kind != YamlNode::Kind::sequence) {
    return error("must be a list", "write [value, …], or one value a line after '- '");
  }
  std::vector<YamlView> views;
  views.reserve(node_->items.size());
  for (const YamlNode& item : node_->items) views.emplace_back(item, file_, label_, item.line);
  return views;
}

Result<std::string> YamlView::text() const {
  if (node_->is_null()) return error("has no value");
  if (node_->kind != YamlNode::Kind::scalar) return error("must be a single value");
  if (node_->text.empty()) return error("must not be empty");
  return node_->text;
}

Result<std::int64_t> YamlView::number(std::int64_t smallest, std::int64_t largest) const {
  SG_TRY(const std::string digits, text());
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
  const bool canonical = digits == "0" || (digits[0] >= '1' && digits[0] <= '9');
  if (!node_->plain || !canonical || problem != std::errc{} || stop != end) {
    return error("must be a whole number without quotes, not '" + printable(digits, 100) + "'");
  }
  if (value < smallest || value > largest) {
    return error(digits + " is out of range", "give a number from " + std::to_string(smallest) +
                                                  " to " + std::to_string(largest));
  }
  return value;
}

Result<bool> YamlView::boolean() const {
  SG_TRY(const std::string word, text());
  if (node_->plain && word == "true") return true;
  if (node_->plain && word == "false") return false;
  return error("must be true or false without quotes, not '" + printable(word, 100) + "'");
}

Result<std::vector<std::string>> YamlView::texts() const {
  if (node_->kind != YamlNode::Kind::sequence) {
    SG_TRY(const std::vector<YamlView> none, items());  // says why not
  }
  if (node_->items.empty()) {
    return error("an empty list is not allowed", "leave the field out, or name at least one");
  }
  std::vector<std::string> values;
  values.reserve(node_->items.size());
  std::set<std::string_view> seen;
  for (const YamlNode& item : node_->items) {
    // A view, with its label, is made for what is wrong alone: policies have very many values.
    const bool good = item.kind == YamlNode::Kind::scalar && !item.text.empty() && !item.is_null();
    const bool first = node_->items.size() == 1 || seen.insert(item.text).second;
    if (good && first) {
      values.push_back(item.text);
      continue;
    }
    const YamlView view(item, file_, label_, item.line);
    SG_TRY(const std::string value, view.text());
    return view.error("'" + printable(value, 100) + "' is repeated");
  }
  return values;
}

}  // namespace sifguard
