// The web servers that one run of the fetcher asks: each only while it answers, and all of them
// within the run's time. Unprivileged.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "helper/fetch/http.h"

namespace sifguard {

class Sources {
 public:
  /// `named`: URLs that the keystore names; they may redirect. Others are from certificates and
  /// count because their host is one that is named: no other may stand in for it.
  /// `time`: for all that is asked.
  Sources(std::vector<std::string> named, std::chrono::milliseconds time);

  /// As http_get() and http_post(). Errors: Code::temporary. A URL that failed once is not asked
  /// again, so that a dead responder costs one wait and not one for every certificate; the error
  /// of that is is_given_up().
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
