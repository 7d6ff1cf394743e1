// The audit log: one JSON object a line, appended and made durable before a key is released, and
// repeated to syslog. Root on nodes.
//
// Every string is escaped by the JSON writer (ASCII only: anything else as \uXXXX or U+FFFD), so a
// name chosen by a user cannot forge a line or a field. A record holds no secret: key ids only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

struct AuditRecord {
  std::string event;  ///< "intent" | "released" | "started" | "refused" | "failed"
  std::int64_t job = -1, step = -1;
  std::string node, user;
  std::int64_t uid = -1;
  std::string image;   ///< as the user named it
  std::string path;    ///< canonical, once opened
  std::string digest;  ///< "sha256:…", once known
  std::vector<std::string> bindings;
  std::vector<std::string> signers;  ///< fingerprints whose signatures were good
  std::string key_id;                ///< long-term key used, if any
  std::string decision;              ///< "allow" | "refuse"
  std::string code;                  ///< code_name() of a refusal
  std::string reason;
  std::int64_t duration_ms = 0;
};

/// The line without its end; "time" is given by the caller in Unix milliseconds.
[[nodiscard]] std::string format_audit_line(const AuditRecord& record, std::int64_t now_ms);

class AuditLog {
 public:
  /// Opens (making it 0600 if absent) in an existing trusted directory.
  /// Errors: Code::config; the caller refuses the launch.
  [[nodiscard]] static Result<AuditLog> open(const std::string& path, Trust trust);
  /// Appends under a lock and fsyncs; a torn last line left by a crash is ended first. Errors:
  /// Code::temporary (no space), and then nothing may be released. Also sends it to syslog.
  Status append(const AuditRecord& record);

 private:
  AuditLog(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
};

}  // namespace sifguard
