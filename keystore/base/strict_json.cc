// JSON without the freedoms that let two readers see different things.
#include "keystore/base/strict_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/json_inspector.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using nlohmann::json;

/// The tree of `text`; what is wrong with it is told in `complaint`.
template <typename Json>
Json tree_of(std::string_view text, const JsonRules& rules, std::string& complaint) {
  const std::string_view object = json_object_in(text, rules, complaint);
  if (!complaint.empty()) return {};
  JsonInspector inspector(rules);
  if (!json::sax_parse(object, &inspector)) {
    complaint = inspector.complaint();
    return {};
  }
  return Json::parse(object, nullptr, false);
}

}  // namespace

template <typename Json>
Result<Json> json_tree(std::string_view text, const JsonRules& rules) {
  std::string complaint;
  Json tree = tree_of<Json>(text, rules, complaint);
  if (!complaint.empty()) return fail(rules.code, printable(complaint, 200));
  return tree;
}
template Result<json> json_tree(std::string_view, const JsonRules&);
template Result<nlohmann::ordered_json> json_tree(std::string_view, const JsonRules&);

struct StrictObject::State {
  json tree;
  std::string where;
  Code code = Code::config;
  std::optional<std::string> wrong;

  void reject(std::string why) {
    if (!wrong) wrong = std::move(why);
  }
  void reject(const char* field, const char* why) {
    reject("field '" + std::string(field) + "' " + why);
  }
  /// The field, which is gone from the tree then; null where something is wrong already.
  json take(const char* field) {
    if (wrong) return nullptr;
    const auto found = tree.find(field);
    if (found == tree.end()) {
      reject(field, "is missing");
      return nullptr;
    }
    json value = std::move(*found);
    tree.erase(found);
    return value;
  }
  /// The same of one type; null otherwise.
  json take(const char* field, json::value_t type) {
    json value = take(field);
    if (wrong || value.type() == type) return value;
    reject(field, "has the wrong type");
    return nullptr;
  }
  [[nodiscard]] State inner(json value, const std::string& what) const {
    return {std::move(value), where + ": " + what, code, std::nullopt};
  }
};

StrictObject::StrictObject(State state) : state_(std::make_unique<State>(std::move(state))) {
  if (!state_->tree.is_object()) state_->reject("not an object of named fields");
}
StrictObject::StrictObject(StrictObject&&) noexcept = default;
StrictObject& StrictObject::operator=(StrictObject&&) noexcept = default;
StrictObject::~StrictObject() = default;

StrictObject StrictObject::parse(std::string_view text, std::string where, const JsonRules& rules) {
  std::string complaint;
  State state{tree_of<json>(text, rules, complaint), std::move(where), rules.code, std::nullopt};
  if (!complaint.empty()) state.reject(std::move(complaint));
  return StrictObject(std::move(state));
}

void StrictObject::reject(std::string why) {
  state_->reject(std::move(why));
}

const std::string& StrictObject::where() const noexcept {
  return state_->where;
}

bool StrictObject::has(const char* field) const {
  return !state_->wrong && state_->tree.contains(field);
}

bool StrictObject::has_value(const char* field) {
  if (!has(field)) return false;
  const bool absent = state_->tree[field].is_null();
  if (absent) state_->tree.erase(field);
  return !absent;
}

std::string StrictObject::string(const char* field) {
  json value = state_->take(field, json::value_t::string);
  return value.is_string() ? std::move(value.get_ref<std::string&>()) : std::string();
}

std::int64_t StrictObject::integer(const char* field) {
  const json value = state_->take(field);
  if (state_->wrong) return 0;
  if (value.is_number_unsigned()) {
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto number = value.get<std::uint64_t>();
    if (number > kMax) state_->reject(field, "is too large");
    return number > kMax ? 0 : static_cast<std::int64_t>(number);
  }
  // The library takes -0 for a number with a sign.
  if (value.is_number_integer() && value.get<std::int64_t>() < 0) return value.get<std::int64_t>();
  state_->reject(field, "has the wrong type");
  return 0;
}

std::uint64_t StrictObject::unsigned_number(const char* field, std::uint64_t max) {
  const json value = state_->take(field, json::value_t::number_unsigned);
  if (state_->wrong) return 0;
  const auto number = value.get<std::uint64_t>();
  if (number > max) state_->reject(field, "is too large");
  return number > max ? 0 : number;
}

std::vector<std::uint32_t> StrictObject::numbers(const char* field) {
  std::vector<std::uint32_t> list;
  for (const json& one : state_->take(field, json::value_t::array)) {
    if (!one.is_number_unsigned() || one.get<std::uint64_t>() > UINT32_MAX) {
      state_->reject(field, "holds something else than whole numbers of 32 bits");
      return {};
    }
    list.push_back(one.get<std::uint32_t>());
  }
  return list;
}

bool StrictObject::boolean(const char* field) {
  const json value = state_->take(field, json::value_t::boolean);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> StrictObject::strings(const char* field) {
  std::vector<std::string> list;
  for (json& one : state_->take(field, json::value_t::array)) {
    if (!one.is_string()) {
      state_->reject(field, "holds something else than strings");
      return {};
    }
    list.push_back(std::move(one.get_ref<std::string&>()));
  }
  return list;
}

std::map<std::string, std::string> StrictObject::texts(const char* field) {
  std::map<std::string, std::string> all;
  json value = state_->take(field, json::value_t::object);
  for (auto& [name, one] : value.items()) {
    if (!one.is_string()) {
      state_->reject(field, "holds something else than strings");
      return {};
    }
    all.emplace(name, std::move(one.get_ref<std::string&>()));
  }
  return all;
}

void StrictObject::ignore_others(std::initializer_list<const char*> known) {
  for (const auto& field : state_->tree.items()) {
    const std::string& name = field.key();
    const bool confusing = std::any_of(known.begin(), known.end(), [&](const char* one) {
      return to_lower(one) == to_lower(name);
    });
    if (confusing) state_->reject("field '" + name + "' differs from a known one in case alone");
  }
  state_->tree.clear();
}

StrictObject StrictObject::object(const char* field) {
  json value = state_->take(field, json::value_t::object);
  if (state_->wrong) value = json::object();
  return StrictObject(state_->inner(std::move(value), field));
}

std::optional<StrictObject> StrictObject::object_or_null(const char* field) {
  if (has(field) && !has_value(field)) return std::nullopt;
  return object(field);
}

std::vector<StrictObject> StrictObject::objects(const char* field) {
  std::vector<StrictObject> list;
  for (json& one : state_->take(field, json::value_t::array)) {
    const std::string what = std::string(field) + ": " + std::to_string(list.size() + 1);
    list.push_back(StrictObject(state_->inner(std::move(one), what)));
  }
  return list;
}

Status StrictObject::finish() const {
  const State& state = *state_;
  if (state.wrong) return fail(state.code, state.where + ": " + printable(*state.wrong, 200));
  if (state.tree.empty()) return {};
  const std::string& first = state.tree.begin().key();
  return fail(state.code, state.where + ": unknown field '" + printable(first, 100) + "'");
}

}  // namespace sifguard
