// Recent launches, from the available audit logs, for commands that take a right away. Runs with
// the rights of the admin; changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct PastLaunch {
  std::string time;   ///< as in the log, "2026-01-31T12:00:00.000Z"
  std::string user;   ///< name, or uid
  std::string image;  ///< canonical path or URI
  std::string digest;
  std::string key_id;
  std::vector<std::string> bindings, signers;
};

struct PastLaunches {
  std::vector<PastLaunch> all;  ///< in the order of the logs
  std::string unknown;          ///< why the launches are not known, or not all of them; or empty
  bool no_log = false;  ///< no log was named, and this host has none, because it launches nothing
};

inline constexpr std::int64_t kPastDays = 30;

/// Launches that started within kPastDays before `now`, from these logs or, if none is named, from
/// the log of this host (`config`: sifguard.yaml) and its rotated files. A log that cannot be read
/// is not an error; `unknown` says so.
[[nodiscard]] PastLaunches past_launches(const std::vector<std::string>& logs,
                                         const std::string& config, std::int64_t now);

}  // namespace sifguard
