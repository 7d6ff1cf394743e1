// Starts sifguard-explain, which does the work of `sifctl explain --verify`. Root, on a node.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct VerifyQuestion {
  std::string user, image;         ///< as typed
  std::string config;              ///< sifguard.yaml
  std::string keystore;            ///< absolute; launches must use the same keystore
  std::vector<std::string> facts;  ///< "--partition=secure"
};

/// What a launch would answer. Failures of the question are Errors; that of the launch is `status`.
struct VerifiedAnswer {
  int status = 0;  ///< of the launch: 0, or the exit status of its Error
  nlohmann::ordered_json json;
};

/// Errors: Code::denied if the caller is not root; Code::config if launches on this host use
/// another keystore; Code::unavailable when the program is missing or fails.
[[nodiscard]] Result<VerifiedAnswer> ask_explain_program(const VerifyQuestion& question);

/// Adds the answer as lines for people.
void add_fields(const VerifiedAnswer& answer,
                std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace sifguard
