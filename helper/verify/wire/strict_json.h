// JSON without the freedoms that let two readers see different things. Runs in the sandboxed
// verifier (statements) and in the root helper (its own cache of facts).
//
// Refused besides what RFC 8259 refuses: a key twice in an object, depth over 8, anything before
// the first brace or after the last. Numbers keep their kind: 1, 1.0 and -0 are three things.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// A JSON object. `max_values` bounds the members and elements at all depths, and so the memory: a
/// tree takes far more of it than its text. Errors: Code::refused, one sentence.
[[nodiscard]] Result<nlohmann::json> parse_strict_json(std::string_view text,
                                                       std::size_t max_values = SIZE_MAX);

/// `object` is a JSON object with exactly these keys, in any order, cased exactly so.
Status check_keys(const nlohmann::json& object, std::initializer_list<std::string_view> keys,
                  std::string_view what);

}  // namespace sifguard
