// What one run of sifctl answers under --json: one object. Pure.
#include "keystore/cli/json_answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/base64.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/fd.h"
#include "keystore/base/in_place.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

Json of_kind(std::string_view kind) {
  Json object = Json::object();
  object["schema"] = "sifguard." + std::string(kind) + "/1";
  return object;
}

std::string shown(const Json& object) {
  return object.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

JsonAnswer::JsonAnswer() : value_(std::make_unique<Json>(Json::object())) {}
JsonAnswer::~JsonAnswer() = default;

void JsonAnswer::set(std::string_view kind, Json value) {
  kind_ = kind;
  *value_ = value.is_array() ? Json::object({{"items", std::move(value)}}) : std::move(value);
}

void JsonAnswer::set_past_launches(Json value) {
  past_launches_ = std::make_unique<Json>(std::move(value));
}

void JsonAnswer::set_clock_doubt(std::string_view doubt) {
  clock_doubt_ = doubt;
}

void JsonAnswer::add_content(std::string_view content) {
  content_ = content_.value_or("").append(content);
}

std::string JsonAnswer::text(const std::optional<ChangeNote>& change) const {
  Json object = of_kind(kind_.empty() ? "done" : kind_);
  if (change) {
    object["changed"] = change->changed;
    object["dry_run"] = change->dry_run;
  }
  if (past_launches_) object["past_launches"] = *past_launches_;
  if (clock_doubt_) object["clock_doubt"] = text_or_null(*clock_doubt_);
  for (const auto& [name, value] : value_->items()) object[name] = value;
  if (content_) {
    const bool text = is_utf8(*content_);
    object[text ? "content" : "content_base64"] = text ? *content_ : to_base64(as_bytes(*content_));
  }
  return shown(object);
}

std::string json_error(const Error& error) {
  Json object = of_kind("error");
  object["status"] = command_status(error);
  object["kind"] = code_name(code_for_command(error));
  object["message"] = error.what();
  object["remedy"] = text_or_null(error.remedy());
  object["changed"] = is_in_place(error);
  return shown(object);
}

}  // namespace sifguard
