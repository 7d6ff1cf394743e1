// The audit log: one JSON object on each line, appended and made durable before a key is released,
// and also sent to syslog. Root on nodes.
//
// Every string is escaped by the JSON writer (ASCII only: anything else as \uXXXX or U+FFFD), so a
// name chosen by a user cannot forge a line or a field. A record holds no secret: key ids only.
// Each line names the one before it (log_chain.h). A process that appends holds the lock
// `.NAME.lock` and finds the end of the chain in the log and in its head (head.h). So the log may
// be renamed, emptied or removed at any time: the next record goes to a new file of that name and
// continues the chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/atomic_file.h"
#include "keystore/base/error.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

struct AuditRecord {
  std::string event;  ///< "intent" | "started" | "refused" | "failed" | "suppressed"; of sifctl:
                      ///< "change" | "changed" | "unchanged" | "failed"
  std::int64_t job = -1, step = -1;
  std::string sluid;  ///< Slurm's unique id of the job, where slurmd says it
  std::string node, user;
  std::int64_t uid = -1;
  std::string image;   ///< as the user named it
  std::string path;    ///< canonical, once opened
  std::string digest;  ///< "sha256:…", once known
  std::vector<std::string> bindings;
  std::vector<std::string> signers;  ///< fingerprints whose signatures were good
  std::string key_id;                ///< long-term key used, if any
  std::string release;               ///< "pem" | "mount": how the image is run, once decided
  std::string decision;              ///< "allow" | "refuse"
  std::string code;                  ///< code_name() of a refusal
  std::string reason;
  std::vector<std::string>
      break_glass;  ///< ids of the break-glass grants that let the user pass; syslog gets an alert
  std::int64_t count = -1;      ///< of "suppressed": refusals of this uid that were left out
  std::string since;            ///< the time since which they were left out
  std::int64_t login_uid = -1;  ///< of sifctl: the uid that logged in, whatever it changed to since
  std::string sudo_user;        ///< as sudo set it in the environment, which is not trustworthy
  std::vector<std::string> command;  ///< of sifctl: its arguments, which hold no secrets
  std::string clock;                 ///< of sifctl: kDoubted if "time" is not trusted
  std::int64_t duration_ms = 0;
};
/// The clock was far ahead of the last record, and nobody had confirmed it.
inline constexpr const char* kDoubted = "doubted";
/// Exactly the lines that say so contain this text, because quotes in values are escaped.
inline constexpr std::string_view kDoubtedClock = R"("clock":"doubted")";

/// A file name, or a part of one, as it is written in image, path and command, so that the name can
/// be recovered: if it has a backslash or a byte that is not UTF-8, these (and control characters)
/// are written \xNN, with two hexadecimal digits of the byte; otherwise it is unchanged.
[[nodiscard]] std::string audit_name(const std::string& name);

/// The line without its end. The caller gives "time" in Unix milliseconds.
[[nodiscard]] std::string format_audit_line(const AuditRecord& record, std::int64_t now_ms);

struct AuditOptions {
  bool required =
      true;  ///< false: a launch that cannot be recorded is reported to syslog and continues
  int refusals_per_minute = 0;  ///< for each uid; more are counted and left out; 0: no limit
  /// When the disk is short of space, users who recently wrote many records are refused before
  /// others (reserve.h). Of the refusals of such a user one a minute is written, and in the end
  /// none.
  bool keep_reserve = false;
};

class AuditLog {
 public:
  /// Opens the log (and makes it, 0600, if absent) in an existing trusted directory. Errors:
  /// Code::config; the caller then refuses the launch. There are none unless `required`.
  [[nodiscard]] static Result<AuditLog> open(const std::string& path, Trust trust,
                                             AuditOptions options = {});
  /// Appends under a lock and fsyncs; an incomplete last line that a crash left is ended first.
  /// Also sends the record to syslog. Errors: Code::temporary (no space, or none for this user);
  /// then no key may be released. There are none unless `required`.
  Status append(const AuditRecord& record);

 private:
  AuditLog(std::string path, Trust trust, AuditOptions options)
      : path_(std::move(path)), trust_(trust), options_(options) {}
  Status connect();
  [[nodiscard]] bool is_current() const noexcept;
  [[nodiscard]] Result<FileLock> lock();
  Status append_now(const AuditRecord& record);
  Status append_locked(const std::vector<AuditRecord>& records);
  Result<UniqueFd> open_current() const;
  /// The share of the record's user; `used_up`: not even refusals are written.
  enum class Share : std::uint8_t { within, over, used_up };
  Result<std::vector<AuditRecord>> limit_refusals(const AuditRecord& record, Share share);
  Result<Share> share_of(const AuditRecord& record) const;
  void count_written(std::int64_t uid, std::size_t bytes) const;
  Result<UniqueFd> open_beside(const char* end) const;

  std::string path_, name_;
  Trust trust_;
  AuditOptions options_;
  UniqueFd directory_;
  bool waited_in_vain_ =
      false;  ///< do not wait for the lock twice: a refusal must be recorded, too
};

}  // namespace sifguard
