// Whether a node lets a step run without a verified image. Root.
#pragma once

#include <string>

#include "helper/request/request.h"
#include "keystore/base/error.h"
#include "keystore/policy/config.h"

namespace sifguard {

struct Enforcement {
  bool enforced = false;
  std::string where;  ///< "this node", "partition secure"; for messages
};

/// For the step that `request` is about. Where partitions are named and the job's partition cannot
/// be determined, everything is enforced. Errors: Code::config, Code::temporary as in job_facts.h.
[[nodiscard]] Result<Enforcement> find_enforcement(const Config& config, const Request& request);

/// Errors: Code::denied where the step is enforced and names no image.
[[nodiscard]] Status check_enforcement(const Enforcement& enforcement, const Request& request);

}  // namespace sifguard
