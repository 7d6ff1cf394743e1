// Getting a few bytes by HTTP. The user's tool or an unprivileged fetcher.
#include "helper/fetch/http.h"

#include <algorithm>
#include <utility>

#include "helper/fetch/transfer.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxUrl = 2048;

Status check_url(const std::string& url) {
  const std::string scheme = to_lower(url.substr(0, url.find("://")));
  const bool plain = url.size() <= kMaxUrl && std::all_of(url.begin(), url.end(), [](char c) {
                       return c > ' ' && c <= '~';
                     });
  if (!plain || url.find("://") == std::string::npos || (scheme != "http" && scheme != "https")) {
    return fail(Code::usage, "not an http or https URL: '" + printable(url, 128) + "'");
  }
  return {};
}

Result<std::string> body_of(HttpRequest request, const HttpLimits& limits) {
  SG_CHECK(check_url(request.url));
  request.only_good = true;
  request.redirects = limits.redirects;
  request.milliseconds = limits.milliseconds;
  SG_TRY(HttpReply reply, http_ask(request, limits.bytes));
  if (reply.status == 200) return std::move(reply.body);
  return fail(Code::temporary, "cannot fetch '" + printable(request.url, 256) + "': HTTP status " +
                                   std::to_string(reply.status));
}

}  // namespace

Result<std::string> http_get(const std::string& url, const HttpLimits& limits) {
  HttpRequest request;
  request.url = url;
  return body_of(std::move(request), limits);
}

Result<std::string> http_post(const std::string& url, const std::string& content_type,
                              const std::string& body, const HttpLimits& limits) {
  HttpRequest request;
  request.url = url;
  request.headers = {"Content-Type: " + content_type};
  request.body = &body;
  return body_of(std::move(request), limits);
}

}  // namespace sifguard
