// What JSON must be before anything is read from it: for the readers strict_json.h and flat_json.h
// alone. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// Sees every token, as the library's sax_parse() hands them on: a tree would silently drop
/// repeated fields.
class JsonInspector {
 public:
  explicit JsonInspector(const JsonRules& rules)
      : values_left_(rules.max_values), max_depth_(rules.max_depth) {}
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
  /// How many objects and lists have begun and not ended.
  [[nodiscard]] std::size_t depth() const noexcept { return levels_.size(); }

  // The interface that sax_parse() expects, without its virtual base.
  bool null() { return count(); }
  bool boolean(bool) { return count(); }
  bool number_integer(nlohmann::json::number_integer_t) { return count(); }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return count(); }
  bool number_float(nlohmann::json::number_float_t, const nlohmann::json::string_t&) {
    return count();
  }
  bool string(nlohmann::json::string_t&) { return count(); }
  static bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return enter(); }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) { return enter(); }
  bool end_array() { return leave(); }
  bool key(nlohmann::json::string_t& name) {
    if (levels_.back().insert(name).second) return true;
    complaint_ = "field '" + name.substr(0, 64) + "' is repeated";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    complaint_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  bool count() {
    if (values_left_-- > 0) return true;
    complaint_ = "JSON of more values than can be meant";
    return false;
  }
  bool enter() {
    if (!count()) return false;
    levels_.emplace_back();
    if (levels_.size() <= max_depth_) return true;
    complaint_ = "JSON nested deeper than " + std::to_string(max_depth_);
    return false;
  }
  bool leave() {
    levels_.pop_back();
    return true;
  }

  std::size_t values_left_;
  std::size_t max_depth_;
  std::vector<std::set<std::string>> levels_;
  std::string complaint_;
};

/// The one object that `text` is. If it is none, or too large, `complaint` says so.
[[nodiscard]] std::string_view json_object_in(std::string_view text, const JsonRules& rules,
                                              std::string& complaint);

}  // namespace sifguard
