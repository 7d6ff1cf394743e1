// Settings of this host that depend on a job's account, partition, QOS or reservation, which the
// second plugin file writes down for launches. Pure.
#pragma once

#include <string>

#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The subject of a sentence, "binding 'cow', and 2 more,"; empty if nothing depends on them.
[[nodiscard]] std::string limited_by_job(const Config& config, const Policy& policy);

}  // namespace sifguard
