// Values that may be absent, as JSON: a member without a value is null, never left out. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sifguard {

/// `seconds` as "2026-01-31T12:00:00Z"; null for 0, a time that is not known or never comes.
[[nodiscard]] nlohmann::ordered_json utc_or_null(std::int64_t seconds);
/// Null for "".
[[nodiscard]] nlohmann::ordered_json text_or_null(const std::string& text);

}  // namespace sifguard
