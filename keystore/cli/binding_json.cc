// A binding as data. Pure.
#include "keystore/cli/binding_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/text.h"
#include "keystore/policy/audience_dimensions.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Audience& audience) {
  Json made = Json::object();
  for_each_dimension(audience,
                     [&](const char* name, const auto& values) { made[name] = or_null(values); });
  return made;
}

Json utc_or_null(const std::optional<std::int64_t>& seconds) {
  return seconds ? Json(format_utc(*seconds)) : Json(nullptr);
}

}  // namespace

Json binding_to_json(const Binding& binding) {
  return {{"name", binding.name},
          {"match", binding.match},
          {"digest", or_null(binding.digest)},
          {"signers",
           {{"any_of", binding.signers.any_of},
            {"all_of", binding.signers.all_of},
            {"signed_after", utc_or_null(binding.signers.signed_after)},
            {"legacy", binding.signers.legacy},
            {"signatures", binding.signers.no_strangers ? "all" : "any"}}},
          {"key", or_null(binding.key)},
          {"allow", to_json(binding.allow)},
          {"deny", binding.deny ? to_json(*binding.deny) : Json(nullptr)},
          {"not_before", utc_or_null(binding.not_before)},
          {"not_after", utc_or_null(binding.not_after)},
          {"mode", binding.mode == Mode::warn ? "warn" : "enforce"},
          {"release", binding.release ? Json(release_name(*binding.release)) : Json(nullptr)},
          {"preloaded", binding.preloaded},
          {"runtime",
           {{"allow", or_null(binding.runtime.allow)},
            {"binds", binding.runtime.binds},
            {"contain", binding.runtime.contain}}},
          {"line", binding.line}};
}

}  // namespace sifguard
