// A JSON object of simple fields, read without a tree. Pure.
#include "keystore/base/flat_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/json_inspector.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::size_t kUsualFields = 24;

}  // namespace

/// Hands each token to the inspector, and keeps what is not deep.
class FlatJson::Reader {
 public:
  Reader(const JsonRules& rules, std::vector<Field>& fields)
      : inspector_(rules), fields_(&fields) {}
  [[nodiscard]] const std::string& complaint() const noexcept { return inspector_.complaint(); }

  // The interface that sax_parse() expects.
  bool null() { return keep("null") && inspector_.null(); }
  bool boolean(bool value) { return keep(value ? "true" : "false") && inspector_.boolean(value); }
  bool number_integer(json::number_integer_t value) {
    return keep(std::to_string(value), value) && inspector_.number_integer(value);
  }
  bool number_unsigned(json::number_unsigned_t value) {
    std::optional<std::int64_t> fits;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value <= kMost) fits = static_cast<std::int64_t>(value);
    return keep(std::to_string(value), fits) && inspector_.number_unsigned(value);
  }
  bool number_float(json::number_float_t value, const json::string_t& text) {
    return keep(text) && inspector_.number_float(value, text);
  }
  bool string(json::string_t& text) {
    if (in_list_ && depth_ == kInList) fields_->back().items.push_back(text);
    return keep(text) && inspector_.string(text);
  }
  static bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t size) {
    ++depth_;
    return inspector_.start_object(size);
  }
  bool end_object() {
    --depth_;
    return inspector_.end_object();
  }
  bool start_array(std::size_t size) {
    if (depth_ == kInObject) in_list_ = true;
    ++depth_;
    return inspector_.start_array(size);
  }
  bool end_array() {
    --depth_;
    if (depth_ == kInObject) in_list_ = false;
    return inspector_.end_array();
  }
  bool key(json::string_t& name) {
    if (!inspector_.key(name)) return false;
    if (depth_ == kInObject) fields_->push_back({name});
    return true;
  }
  bool parse_error(std::size_t position, const std::string& token, const json::exception& error) {
    return inspector_.parse_error(position, token, error);
  }

 private:
  static constexpr int kInObject = 1, kInList = 2;

  bool keep(const std::string& text, std::optional<std::int64_t> integer = {}) {
    if (depth_ != kInObject) return true;
    fields_->back().text = text;
    fields_->back().integer = integer;
    return true;
  }

  JsonInspector inspector_;
  std::vector<Field>* fields_;
  int depth_ = 0;
  bool in_list_ = false;
};

Result<FlatJson> FlatJson::parse(std::string_view text, const JsonRules& rules) {
  std::string complaint;
  const std::string_view object = json_object_in(text, rules, complaint);
  if (!complaint.empty()) return fail(rules.code, complaint);
  FlatJson flat;
  flat.fields_.reserve(kUsualFields);
  Reader reader(rules, flat.fields_);
  if (json::sax_parse(object, &reader)) return flat;
  return fail(rules.code, printable(reader.complaint(), 200));
}

const FlatJson::Field* FlatJson::find(std::string_view name) const noexcept {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& one) { return one.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

std::string FlatJson::text(std::string_view name) const {
  const Field* const field = find(name);
  if (field == nullptr) return {};
  std::string text = field->text;
  for (const std::string& item : field->items) text += (text.empty() ? "" : " ") + item;
  return text;
}

std::vector<std::string> FlatJson::items(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? std::vector<std::string>() : field->items;
}

std::optional<std::int64_t> FlatJson::integer(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? std::nullopt : field->integer;
}

}  // namespace sifguard
