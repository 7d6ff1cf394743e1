// The web servers that one run of the fetcher asks. Each is asked only while it answers, and all of
// them share the time of the run. Unprivileged.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "helper/fetch/http.h"

namespace sifguard {

class Sources {
 public:
  /// `named`: URLs that the keystore names; these may redirect. Other URLs come from certificates
  /// and are asked only because the keystore names their host, so they may not redirect. `time`:
  /// the limit for all requests together.
  Sources(std::vector<std::string> named, std::chrono::milliseconds time);

  /// Like http_get() and http_post(). Errors: Code::temporary. A URL that failed once is not asked
  /// again, so that a dead responder costs one wait and not one for every certificate;
  /// is_given_up() is then true.
  [[nodiscard]] Result<std::string> get(const std::string& url, HttpLimits limits);
  [[nodiscard]] Result<std::string> post(const std::string& url, const std::string& content_type,
                                         const std::string& body, HttpLimits limits);
  [[nodiscard]] bool is_given_up(const std::string& url) const { return dead_.contains(url); }

 private:
  Status prepare(const std::string& url, HttpLimits& limits) const;
  Result<std::string> note(const std::string& url, Result<std::string> answer);

  std::vector<std::string> named_;
  std::chrono::steady_clock::time_point end_;
  std::set<std::string> dead_;
};

}  // namespace sifguard
