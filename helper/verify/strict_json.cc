// JSON without the freedoms that let two readers see different things.
#include "helper/verify/strict_json.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxDepth = 8;

/// Sees every token before a tree is built, which would silently drop repeated keys.
class Inspector : public nlohmann::json_sax<nlohmann::json> {
 public:
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (levels_.back().insert(name).second) return true;
    complaint_ = "the key '" + printable(name, 64) + "' is repeated";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    complaint_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  bool enter() {
    levels_.emplace_back();
    if (levels_.size() <= kMaxDepth) return true;
    complaint_ = "JSON nested deeper than " + std::to_string(kMaxDepth);
    return false;
  }
  bool leave() {
    levels_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> levels_;
  std::string complaint_;
};

}  // namespace

Result<nlohmann::json> parse_strict_json(std::string_view text) {
  // Also keeps out a byte order mark, which the library would skip.
  if (text.empty() || text.front() != '{' || text.back() != '}') {
    return fail(Code::refused, "not a JSON object from its first byte to its last");
  }
  Inspector inspector;
  if (!nlohmann::json::sax_parse(text, &inspector)) {
    return fail(Code::refused, inspector.complaint());
  }
  auto tree = nlohmann::json::parse(text, nullptr, false);
  if (tree.is_discarded()) return fail(Code::refused, "not JSON");
  return tree;
}

Status check_keys(const nlohmann::json& object, std::initializer_list<std::string_view> keys,
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
