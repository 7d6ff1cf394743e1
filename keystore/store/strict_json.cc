// Reading a small JSON object strictly. Pure.
#include "keystore/store/strict_json.h"

#include <limits>
#include <utility>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 8;

/// Notices what nlohmann::json's own parser lets pass: repeated names and absurd nesting.
class Watcher {
 public:
  bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) names_.emplace_back();
    if (event == json::parse_event_t::object_end && !names_.empty()) names_.pop_back();
    if (event == json::parse_event_t::key && !names_.empty()) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names_.back().insert(name).second && !repeated_) repeated_ = name;
    }
    if (names_.size() > kMaxDepth) too_deep_ = true;
    return true;
  }
  [[nodiscard]] std::optional<std::string> complaint() const {
    if (too_deep_) return "nested too deeply";
    if (repeated_) return "field '" + *repeated_ + "' is repeated";
    return std::nullopt;
  }

 private:
  std::vector<std::set<std::string>> names_;
  std::optional<std::string> repeated_;
  bool too_deep_ = false;
};

}  // namespace

StrictObject::StrictObject(json value, std::string where)
    : value_(std::move(value)), where_(std::move(where)) {
  if (!value_.is_object()) reject("not an object of named fields");
}

StrictObject StrictObject::parse(std::string_view text, std::string where, std::size_t limit) {
  Watcher watcher;
  json value;
  if (text.size() <= limit) {
    value = json::parse(
        text,
        [&watcher](int depth, json::parse_event_t event, json& parsed) {
          return watcher(depth, event, parsed);
        },
        false);
  }
  StrictObject object(std::move(value), std::move(where));
  if (const auto complaint = watcher.complaint()) object.reject(*complaint);
  return object;
}

void StrictObject::reject(std::string why) {
  if (!wrong_) wrong_ = std::move(why);
}

const json* StrictObject::take(const char* field, json::value_t type) {
  taken_.insert(field);
  if (wrong_) return nullptr;
  const auto found = value_.find(field);
  if (found == value_.end()) {
    reject(std::string("field '") + field + "' is missing");
    return nullptr;
  }
  const bool number = type == json::value_t::number_integer && found->is_number_integer();
  if (found->type() != type && !number) {
    reject(std::string("field '") + field + "' has the wrong type");
    return nullptr;
  }
  return &*found;
}

std::string StrictObject::string(const char* field) {
  const json* const value = take(field, json::value_t::string);
  return value != nullptr ? value->get<std::string>() : std::string();
}

std::int64_t StrictObject::integer(const char* field) {
  const json* const value = take(field, json::value_t::number_integer);
  if (value == nullptr) return 0;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > kMax) {
    reject(std::string("field '") + field + "' is too large");
    return 0;
  }
  return value->get<std::int64_t>();
}

bool StrictObject::boolean(const char* field) {
  const json* const value = take(field, json::value_t::boolean);
  return value != nullptr && value->get<bool>();
}

std::vector<std::string> StrictObject::strings(const char* field) {
  std::vector<std::string> list;
  const json* const value = take(field, json::value_t::array);
  if (value == nullptr) return list;
  for (const json& one : *value) {
    if (!one.is_string()) {
      reject(std::string("field '") + field + "' holds something else than strings");
      return {};
    }
    list.push_back(one.get<std::string>());
  }
  return list;
}

StrictObject StrictObject::object(const char* field) {
  const json* const value = take(field, json::value_t::object);
  return {value != nullptr ? *value : json::object(), where_ + ": " + field};
}

std::vector<StrictObject> StrictObject::objects(const char* field) {
  std::vector<StrictObject> list;
  const json* const value = take(field, json::value_t::array);
  if (value == nullptr) return list;
  for (const json& one : *value) {
    list.emplace_back(one, where_ + ": " + field + ": " + std::to_string(list.size() + 1));
  }
  return list;
}

Status StrictObject::finish() const {
  if (wrong_) return fail(Code::config, where_ + ": " + printable(*wrong_, 200));
  for (const auto& [name, ignored] : value_.items()) {
    if (!taken_.contains(name)) {
      return fail(Code::config, where_ + ": unknown field '" + printable(name, 100) + "'");
    }
  }
  return {};
}

}  // namespace sifguard
