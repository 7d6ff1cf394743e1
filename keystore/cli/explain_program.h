// Starting sifguard-explain, which does the work of `sifctl explain --verify`. Root, on a node.
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
  std::string keystore;            ///< absolute; launches must use the same
  std::vector<std::string> facts;  ///< "--partition=secure"
};

/// What a launch would say. Errors in asking are Errors; the launch's own is `status`.
struct VerifiedAnswer {
  int status = 0;  ///< of the launch: 0, or that of its Error
  nlohmann::ordered_json json;
};

/// Errors: Code::denied for who is not root; Code::config where launches of this host use another
/// keystore; Code::unavailable when the program is not there or fails.
[[nodiscard]] Result<VerifiedAnswer> ask_explain_program(const VerifyQuestion& question);

/// As lines for people.
void add_fields(const VerifiedAnswer& answer,
                std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace sifguard
