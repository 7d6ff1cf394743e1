// The "WWW-Authenticate" header of a registry (RFC 7235; Docker's token authentication). Pure; the
// text comes from the network.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct Challenge {
  bool bearer = false;                            ///< else Basic
  std::map<std::string, std::string> parameters;  ///< lower-case names: realm, service, scope
};

/// Errors: Code::refused for another scheme or malformed text.
[[nodiscard]] Result<Challenge> parse_challenge(std::string_view header);

}  // namespace sifguard
