// JSON that is not taken apart field by field: what other programs write (registries, Docker's
// configuration), whose fields are not all known here, and records that are shown as they are.
// Pure.
//
// As strict as StrictObject (strict_json.h) but for unknown fields: one object; no field twice,
// which two readers would see differently; no byte order mark; limits of size and depth. There is
// no other way to a tree: lint keeps the library's own parse() out of everything else.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// Deeper than what registries and their clients write.
inline constexpr std::size_t kForeignJsonDepth = 32;

/// `Json`: nlohmann::json, or ordered_json where the order of fields is to stay. Errors: the rules'
/// code, what is wrong.
template <typename Json>
[[nodiscard]] Result<Json> json_tree(std::string_view text, const JsonRules& rules);

extern template Result<nlohmann::json> json_tree(std::string_view, const JsonRules&);
extern template Result<nlohmann::ordered_json> json_tree(std::string_view, const JsonRules&);

}  // namespace sifguard
