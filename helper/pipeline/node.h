// What a launch reads on its node before the request: configuration, keystore, policy, audit log.
// Root; every file is opened through trusted_file.h.
#pragma once

#include <string>
#include <vector>

#include "keystore/audit/audit.h"
#include "keystore/policy/config.h"
#include "keystore/store/break_glass.h"
#include "keystore/store/keystore.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {

struct Node {
  Config config;
  Keystore keystore;
  PolicyReader policy;
  std::vector<BreakGlassGrant> break_glass = {};  ///< those that match a binding count
};

/// Errors: Code::config, Code::unavailable when the runtime is missing.
[[nodiscard]] Result<Config> read_config(const std::string& path);
[[nodiscard]] Result<Node> read_node(const Config& config);

/// The runtime's prefix of variables that are meant for the container alone: APPTAINERENV_, or
/// SINGULARITYENV_ if the program that the path leads to (links are followed) is called
/// singularity.
[[nodiscard]] std::string variable_prefix_of(const std::string& runtime);

}  // namespace sifguard
