// The version of the YAML files that people write, sifguard.yaml and images.yaml: 1. Pure.
#pragma once

#include <cstdint>
#include <limits>

#include "keystore/base/format_version.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {

/// To be called before other fields are looked at: a newer file may have others.
inline Status check_version(const YamlView& version) {
  SG_TRY(const std::int64_t number, version.number(1, std::numeric_limits<std::int64_t>::max()));
  if (number == 1) return {};
  return version.error(std::to_string(number) + " is out of range", kNewerFormat);
}

}  // namespace sifguard
