// A binding as data. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "keystore/policy/policy.h"

namespace sifguard {

/// All of it, with its line in images.yaml.
[[nodiscard]] nlohmann::ordered_json binding_to_json(const Binding& binding);

}  // namespace sifguard
