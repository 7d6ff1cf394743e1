// JSON without the freedoms that let two readers see different things.
#include "helper/verify/wire/strict_json.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 8;

/// Sees every token before a tree is built, which would silently drop repeated keys.
class Inspector {
 public:
  explicit Inspector(std::size_t max_values) : values_left_(max_values) {}
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

  // The interface that sax_parse() expects, without its virtual base.
  bool null() { return count(); }
  bool boolean(bool) { return count(); }
  bool number_integer(json::number_integer_t) { return count(); }
  bool number_unsigned(json::number_unsigned_t) { return count(); }
  bool number_float(json::number_float_t, const json::string_t&) { return count(); }
  bool string(json::string_t&) { return count(); }
  static bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return enter(); }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) { return enter(); }
  bool end_array() { return leave(); }
  bool key(json::string_t& name) {
    if (levels_.back().insert(name).second) return true;
    complaint_ = "the key '" + printable(name, 64) + "' is repeated";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) {
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
    if (levels_.size() <= kMaxDepth) return true;
    complaint_ = "JSON nested deeper than " + std::to_string(kMaxDepth);
    return false;
  }
  bool leave() {
    levels_.pop_back();
    return true;
  }

  std::size_t values_left_;
  std::vector<std::set<std::string>> levels_;
  std::string complaint_;
};

}  // namespace

Result<json> parse_strict_json(std::string_view text, std::size_t max_values) {
  // Also keeps out a byte order mark, which the library would skip.
  if (text.empty() || text.front() != '{' || text.back() != '}') {
    return fail(Code::refused, "not a JSON object from its first byte to its last");
  }
  Inspector inspector(max_values);
  if (!json::sax_parse(text, &inspector)) {
    return fail(Code::refused, inspector.complaint());
  }
  auto tree = json::parse(text, nullptr, false);
  if (tree.is_discarded()) return fail(Code::refused, "not JSON");
  return tree;
}

Status check_keys(const json& object, std::initializer_list<std::string_view> keys,
                  std::string_view what) {
  if (!object.is_object()) return fail(Code::refused, std::string(what) + " is not an object");
  for (const std::string_view key : keys) {
    if (!object.contains(key)) {
      return fail(Code::refused, std::string(what) + " lacks the key '" + std::string(key) + "'");
    }
  }
  if (object.size() == keys.size()) return {};
  for (auto member = object.begin(); member != object.end(); ++member) {
    const std::string& name = member.key();
    const auto same = [&name](std::string_view key) { return key == name; };
    if (std::none_of(keys.begin(), keys.end(), same)) {
      return fail(Code::refused,
                  std::string(what) + " has the unknown key '" + printable(name, 64) + "'");
    }
  }
  return {};
}

}  // namespace sifguard
