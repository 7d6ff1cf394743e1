// Requests by HTTP: the one user of libcurl. The job owner's rights in the puller, the user's in a
// tool, an unprivileged fetcher's; never root. What comes back is hostile.
//
// libcurl: http and https only, proxies as the environment names them, certificates of https
// servers verified against the system's store, few redirects and none from https to http, no
// cookies. Authorization goes to the host asked alone, not where it redirects to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "keystore/base/secret.h"

namespace sifguard {

inline constexpr long kMaxRedirects = 5;

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;          ///< "Name: value"
  const SecretBytes* credentials = nullptr;  ///< "USER:PASSWORD", for Basic
  const std::string* bearer = nullptr;       ///< a token
  std::string netrc;                         ///< path, or empty
  bool head = false;
  /// Like `head`, by a GET of the first byte: for servers that do not answer HEAD.
  bool peek = false;
  const std::string* body = nullptr;  ///< of a POST; its type is among the headers
  /// A status of 400 or more is an error, whatever comes with it.
  bool only_good = false;
  long redirects = kMaxRedirects;
  std::int64_t milliseconds = 0;  ///< for everything together; 0: as long as bytes come
};

struct HttpReply {
  long status = 0;
  std::map<std::string, std::string> headers;  ///< of the last answer; lower-case names
  std::string body;
  /// Content-Length, or of a part (206) that of the whole; 0 if the server did not say.
  std::uint64_t length = 0;
};

/// The answer, whatever its status if not `only_good`; of `peek` without a body. `limit`: bytes of
/// the body, one more is an error. Errors: Code::temporary.
[[nodiscard]] Result<HttpReply> http_ask(const HttpRequest& request, std::size_t limit);

/// Hands the body of a 200 answer on as it comes; `take` returns false to stop.
/// Errors: Code::temporary for anything else.
Status http_stream(const HttpRequest& request,
                   const std::function<bool(std::span<const std::byte>)>& take);

}  // namespace sifguard
