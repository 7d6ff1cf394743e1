// What the answers of programs under --json have in common. Pure.
#include "keystore/base/json_values.h"

#include <nlohmann/json.hpp>

#include "keystore/base/exit_status.h"
#include "keystore/base/in_place.h"
#include "keystore/base/text.h"

namespace sifguard {

using nlohmann::ordered_json;

ordered_json utc_or_null(std::int64_t seconds) {
  return seconds == 0 ? ordered_json(nullptr) : ordered_json(format_utc(seconds));
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json answer_of_kind(std::string_view kind) {
  ordered_json object = ordered_json::object();
  object["schema"] = "sifguard." + std::string(kind) + "/1";
  return object;
}

ordered_json error_answer(const Error& error) {
  ordered_json object = answer_of_kind("error");
  object["status"] = command_status(error);
  object["kind"] = code_name(code_for_command(error));
  object["message"] = error.what();
  object["remedy"] = text_or_null(error.remedy());
  object["changed"] = is_in_place(error);
  return object;
}

std::string written_answer(const ordered_json& answer) {
  return answer.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace sifguard
