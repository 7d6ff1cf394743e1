// Who says, besides sifguard.yaml, that this host enforces images. The caller's rights; what the
// host remembers can be read by root alone.
#pragma once

#include <string>

#include "keystore/base/enforcement_record.h"
#include "keystore/doctor/examined.h"
#include "keystore/policy/insistence.h"

namespace sifguard {

inline constexpr std::string_view kEnforceArgument = "enforce";  ///< in plugstack.conf

/// Where the plugin of this host has its helper keep what it remembers.
[[nodiscard]] std::string state_directory(const ExaminePlan& plan);

[[nodiscard]] enforcement_record::Memory remembered(const ExaminePlan& plan,
                                                    enforcement_record::Record& record);

[[nodiscard]] Insistence said_besides(const ExaminePlan& plan);

}  // namespace sifguard
