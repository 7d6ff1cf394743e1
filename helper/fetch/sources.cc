// The web servers that one run of the fetcher asks. Unprivileged.
#include "helper/fetch/sources.h"

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {

using std::chrono::milliseconds;

Sources::Sources(std::vector<std::string> named, milliseconds time)
    : named_(std::move(named)), end_(std::chrono::steady_clock::now() + time) {}

Status Sources::prepare(const std::string& url, HttpLimits& limits) const {
  if (is_given_up(url)) {
    return fail(Code::temporary, "'" + printable(url, 256) + "' is given up for this run");
  }
  const auto left =
      std::chrono::duration_cast<milliseconds>(end_ - std::chrono::steady_clock::now()).count();
  if (left <= 0) return fail(Code::temporary, "no time is left for '" + printable(url, 256) + "'");
  limits.milliseconds = std::min<decltype(limits.milliseconds)>(limits.milliseconds, left);
  if (!contains(named_, url)) limits.redirects = 0;
  return {};
}

Result<std::string> Sources::note(const std::string& url, Result<std::string> answer) {
  if (!answer) dead_.insert(url);
  return answer;
}

Result<std::string> Sources::get(const std::string& url, HttpLimits limits) {
  SG_CHECK(prepare(url, limits));
  return note(url, http_get(url, limits));
}

Result<std::string> Sources::post(const std::string& url, const std::string& content_type,
                                  const std::string& body, HttpLimits limits) {
  SG_CHECK(prepare(url, limits));
  return note(url, http_post(url, content_type, body, limits));
}

}  // namespace sifguard
