// JSON that is not read field by field: what other programs write (registries, Docker's
// configuration), whose fields are not all known here, and records that are shown unchanged. Pure.
//
// It is as strict as StrictObject (strict_json.h) except for unknown fields: one object; no
// repeated field, which two readers would see differently; no byte order mark; limits of size and
// depth. All code uses this function: lint forbids the library's own parse() elsewhere.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// More than registries and their clients need.
inline constexpr std::size_t kForeignJsonDepth = 32;

/// `Json`: nlohmann::json, or ordered_json if the order of fields must be kept. Errors have the
/// code of `rules` and say what is wrong.
template <typename Json>
[[nodiscard]] Result<Json> json_tree(std::string_view text, const JsonRules& rules);

extern template Result<nlohmann::json> json_tree(std::string_view, const JsonRules&);
extern template Result<nlohmann::ordered_json> json_tree(std::string_view, const JsonRules&);

}  // namespace sifguard
