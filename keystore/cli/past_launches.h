// What was launched of late, by the audit logs at hand: for who is about to take something away.
// Runs with the rights of the admin; changes nothing.
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
  std::string unknown;          ///< why what was launched is not known, or not all of it; or empty
  bool no_log = false;          ///< none was named, and this host has none: it launches nothing
};

inline constexpr std::int64_t kPastDays = 30;

/// Those that started within kPastDays before `now`, of these logs, or where none is named, of the
/// log of this host (`config`: sifguard.yaml) and what it was rotated to. What cannot be read keeps
/// nobody from anything: it is said in `unknown`.
[[nodiscard]] PastLaunches past_launches(const std::vector<std::string>& logs,
                                         const std::string& config, std::int64_t now);

}  // namespace sifguard
