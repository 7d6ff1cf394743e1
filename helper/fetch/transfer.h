// HTTP requests: the only code that uses libcurl. It runs with the job owner's rights in the
// puller, with the user's in a tool, and in an unprivileged fetcher; never as root. What comes back
// is hostile.
//
// How libcurl is set: http and https only; proxies from the environment; certificates of https
// servers verified against the system's store; few redirects, and none from https to http; no
// cookies. Authorization is sent to the requested host alone and not to one that it redirects to.
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
  /// Like `head`, but by a GET of the first byte, for servers that do not answer HEAD.
  bool peek = false;
  const std::string* body = nullptr;  ///< of a POST; `headers` has its type
  /// A status of 400 or more is an error, whatever the body is.
  bool only_good = false;
  long redirects = kMaxRedirects;
  std::int64_t milliseconds = 0;  ///< for everything together; 0: no limit while bytes arrive
};

struct HttpReply {
  long status = 0;
  std::map<std::string, std::string> headers;  ///< of the last answer; lower-case names
  std::string body;
  /// Content-Length or, for a partial answer (206), the length of the whole; 0 if the server did
  /// not say.
  std::uint64_t length = 0;
};

/// The answer, whatever its status unless `only_good` is set; for `peek` it has no body. `limit`:
/// the most bytes that the body may have; a longer one is an error. Errors: Code::temporary.
[[nodiscard]] Result<HttpReply> http_ask(const HttpRequest& request, std::size_t limit);

/// Passes the body of a 200 answer to `take` as it arrives; `take` returns false to stop.
/// Errors: Code::temporary for anything else.
Status http_stream(const HttpRequest& request,
                   const std::function<bool(std::span<const std::byte>)>& take);

}  // namespace sifguard
