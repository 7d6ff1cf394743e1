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

/// Inspects each token, and keeps what is not deep. It hides what it does otherwise.
class FlatJson::Reader : public JsonInspector {
 public:
  Reader(const JsonRules& rules, std::vector<Field>& fields)
      : JsonInspector(rules), fields_(&fields) {}

  bool null() { return keep("null") && JsonInspector::null(); }
  bool boolean(bool value) {
    return keep(value ? "true" : "false") && JsonInspector::boolean(value);
  }
  bool number_integer(json::number_integer_t value) {
    return keep(std::to_string(value), value) && JsonInspector::number_integer(value);
  }
  bool number_unsigned(json::number_unsigned_t value) {
    std::optional<std::int64_t> fits;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value <= kMost) fits = static_cast<std::int64_t>(value);
    return keep(std::to_string(value), fits) && JsonInspector::number_unsigned(value);
  }
  bool number_float(json::number_float_t value, const json::string_t& text) {
    return keep(text) && JsonInspector::number_float(value, text);
  }
  bool string(json::string_t& text) {
    if (in_list_ && depth() == kInList) fields_->back().items.push_back(text);
    return keep(text) && JsonInspector::string(text);
  }
  bool start_array(std::size_t size) {
    if (depth() == kInObject) in_list_ = true;
    return JsonInspector::start_array(size);
  }
  bool end_array() {
    const bool left = JsonInspector::end_array();
    if (depth() == kInObject) in_list_ = false;
    return left;
  }
  bool key(json::string_t& name) {
    if (!JsonInspector::key(name)) return false;
    if (depth() == kInObject) fields_->push_back({name});
    return true;
  }

 private:
  static constexpr std::size_t kInObject = 1, kInList = 2;

  bool keep(const std::string& text, std::optional<std::int64_t> integer = {}) {
    if (depth() != kInObject) return true;
    fields_->back().text = text;
    fields_->back().integer = integer;
    return true;
  }

  std::vector<Field>* fields_;
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
