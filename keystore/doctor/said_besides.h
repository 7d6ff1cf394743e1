// What, besides sifguard.yaml, says that this host enforces images. The caller's rights; only root
// can read what the host remembers.
#pragma once

#include <string>

#include "keystore/base/enforcement_record.h"
#include "keystore/doctor/examined.h"
#include "keystore/policy/insistence.h"

namespace sifguard {

inline constexpr std::string_view kEnforceArgument = "enforce";  ///< in plugstack.conf

/// The directory in which the helper of this host remembers enforcement, as the plugin is
/// configured.
[[nodiscard]] std::string state_directory(const ExaminePlan& plan);

[[nodiscard]] enforcement_record::Memory remembered(const ExaminePlan& plan,
                                                    enforcement_record::Record& record);

[[nodiscard]] Insistence said_besides(const ExaminePlan& plan);

}  // namespace sifguard
