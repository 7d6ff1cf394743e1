// Values that may be absent, as JSON. Pure.
#include "keystore/base/json_values.h"

#include <nlohmann/json.hpp>

#include "keystore/base/text.h"

namespace sifguard {

using nlohmann::ordered_json;

ordered_json utc_or_null(std::int64_t seconds) {
  return seconds == 0 ? ordered_json(nullptr) : ordered_json(format_utc(seconds));
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

}  // namespace sifguard
