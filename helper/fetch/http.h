// Getting a few bytes by HTTP (transfer.h), without credentials. Runs in the user's tool or in an
// unprivileged fetcher; never as root and never during a launch. What comes back is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "keystore/base/error.h"

namespace sifguard {

struct HttpLimits {
  std::size_t bytes = std::size_t{64} * 1024;  ///< limit for the body; a longer one is an error
  std::int64_t milliseconds = 10'000;          ///< for everything together
  long redirects = 3;
};

/// The body of a 200 answer to a GET. Errors: Code::usage for a URL that is not plain http(s),
/// Code::temporary when the server cannot be reached, is slow, or answers anything else.
[[nodiscard]] Result<std::string> http_get(const std::string& url, const HttpLimits& limits);

/// The same for a POST of `body`.
[[nodiscard]] Result<std::string> http_post(const std::string& url, const std::string& content_type,
                                            const std::string& body, const HttpLimits& limits);

}  // namespace sifguard
