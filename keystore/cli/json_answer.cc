// What one run of sifctl answers under --json: one object. Pure.
#include "keystore/cli/json_answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

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
  Json object = answer_of_kind(kind_.empty() ? "done" : kind_);
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
  return written_answer(object);
}

std::string json_error(const Error& error) {
  return written_answer(error_answer(error));
}

}  // namespace sifguard
