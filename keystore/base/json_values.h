// What the answers of programs under --json have in common. A member without a value is null, never
// left out. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// `seconds` as "2026-01-31T12:00:00Z"; null for 0, a time that is not known or never comes.
[[nodiscard]] nlohmann::ordered_json utc_or_null(std::int64_t seconds);
/// Null for "".
[[nodiscard]] nlohmann::ordered_json text_or_null(const std::string& text);

/// {"schema": "sifguard.KIND/1"}, which an answer begins with; packaging/schemas has the kinds.
[[nodiscard]] nlohmann::ordered_json answer_of_kind(std::string_view kind);
/// The answer of a command that fails.
[[nodiscard]] nlohmann::ordered_json error_answer(const Error& error);
/// As it is written: indented, in ASCII, whatever the bytes of a value are.
[[nodiscard]] std::string written_answer(const nlohmann::ordered_json& answer);

}  // namespace sifguard
