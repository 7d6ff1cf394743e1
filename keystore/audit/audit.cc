// The audit log: durable, append-only, chained JSON lines. Root on nodes.
#include "keystore/audit/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/audit/head.h"
#include "keystore/audit/log_chain.h"
#include "keystore/audit/log_file.h"
#include "keystore/audit/refusals.h"
#include "keystore/audit/reserve.h"
#include "keystore/audit/shares.h"
#include "keystore/base/atomic_file.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr int kLockTimeoutMs = 10'000;
constexpr std::size_t kMaxCounts = std::size_t{1} << 20U;
constexpr const char* kRefusals = ".refusals";  // files of counts, beside the log
constexpr const char* kWritten = ".written";

std::int64_t now_ms() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void send_to_syslog(const AuditRecord& record, const std::string& line) {
  const bool good = record.decision == "allow" || record.decision.empty();
  const int usual = good ? LOG_INFO : LOG_WARNING;
  ::syslog(LOG_AUTHPRIV | (record.break_glass.empty() ? usual : LOG_ALERT), "%s", line.c_str());
}

/// The end of the chain: what the log's own last line says, unless the head knows of a later record
/// (the log was rotated, or cut off; the check tells which).
ChainPoint chain_end(const LogEnd& log, const std::optional<ChainPoint>& head) {
  ChainPoint last = head.value_or(ChainPoint{});
  const auto line = parse_chain_line(log.last_line);
  if (line && line->point.seq >= last.seq) last = line->point;
  return last;
}

Status write_line(int fd, const std::string& text, const LogEnd& end, const std::string& path) {
  Status written = write_all(fd, (end.torn.empty() ? "" : "\n") + text + "\n", path);
  if (written && ::fsync(fd) != 0) {
    written = fail_errno(Code::temporary, "cannot make durable the audit log " + path, errno);
  }
  // Half a record is worth nothing; where the file cannot shrink (chattr +a) the next one ends it.
  if (!written && ::ftruncate(fd, end.size) != 0) return written;
  return written;
}

/// Counts alone: not made durable, and no reason to refuse anything. Over what was there, so that a
/// full disk does not lose them.
void write_counts(int fd, const std::string& text, const std::string& shown) {
  if (::lseek(fd, 0, SEEK_SET) != 0 || !write_all(fd, text, shown) ||
      ::ftruncate(fd, static_cast<off_t>(text.size())) != 0) {
    ::syslog(LOG_AUTHPRIV | LOG_WARNING, "cannot count records in %s", printable(shown).c_str());
  }
}

}  // namespace

Status AuditLog::connect() {
  if (directory_.valid()) return {};
  const std::size_t slash = path_.rfind('/');
  if (path_.empty() || path_.front() != '/' || slash + 1 == path_.size()) {
    return fail(Code::config, "the audit log's path is not an absolute path of a file: " + path_);
  }
  name_ = path_.substr(slash + 1);
  auto directory = open_trusted_directory(path_.substr(0, slash + 1), trust_);
  if (!directory) return tl::unexpected(std::move(directory).error().prepend("the audit log"));
  directory_ = *std::move(directory);
  return {};
}

Result<UniqueFd> AuditLog::open_current() const {
  return open_log_file(directory_.get(), name_, path_, O_RDWR | O_APPEND, trust_);
}

Result<AuditLog> AuditLog::open(const std::string& path, Trust trust, AuditOptions options) {
  ::openlog("sifguard", LOG_PID, LOG_AUTHPRIV);
  AuditLog log(path, trust, options);
  if (!options.required) return log;
  SG_CHECK(log.connect());
  SG_TRY(const UniqueFd usable, log.open_current());
  return log;
}

Result<UniqueFd> AuditLog::open_beside(const char* end) const {
  return open_log_file(directory_.get(), "." + name_ + end, path_ + " (" + end + ")", O_RDWR,
                       trust_);
}

/// The records to write for this one: before it what was left out earlier; not itself, if this user
/// had enough of them.
Result<std::vector<AuditRecord>> AuditLog::limit_refusals(const AuditRecord& record, Share share) {
  const int per_minute = share == Share::within ? options_.refusals_per_minute : 1;
  if (per_minute <= 0) return std::vector<AuditRecord>{record};
  SG_TRY(const UniqueFd fd, open_beside(kRefusals));
  SG_TRY(const std::string before, read_to_end(fd.get(), kMaxCounts, path_ + kRefusals));
  RefusalCounts counts = RefusalCounts::parse(before);
  const std::int64_t now = ::time(nullptr);
  std::vector<AuditRecord> records;
  for (const RefusalCounts::LeftOut& left : counts.take_ended(now)) {
    AuditRecord told;
    told.event = "suppressed";
    told.node = record.node;
    told.uid = left.uid;
    told.decision = "refuse";
    told.count = left.count;
    told.since = format_utc(left.since);
    told.duration_ms = -1;
    records.push_back(std::move(told));
  }
  if (record.decision == "refuse" && share == Share::used_up) {
    counts.leave_out(record.uid, now);
  } else if (record.decision != "refuse" || counts.admit(record.uid, per_minute, now)) {
    records.push_back(record);
  }
  const std::string after = counts.format();
  if (after != before) write_counts(fd.get(), after, path_ + kRefusals);
  return records;
}

/// Of users alone, and of what begins: what ends a launch that was let begin is written.
Result<AuditLog::Share> AuditLog::share_of(const AuditRecord& record) const {
  if (!options_.keep_reserve || record.uid <= 0 || record.event == "started") return Share::within;
  SG_TRY(const AuditSpace space, audit_space(directory_.get()));
  if (!space.is_short()) return Share::within;
  SG_TRY(const UniqueFd fd, open_beside(kWritten));
  SG_TRY(const std::string text, read_to_end(fd.get(), kMaxCounts, path_ + kWritten));
  const std::int64_t written = WrittenShares::parse(text).of(record.uid, ::time(nullptr));
  constexpr std::int64_t kUsedUp = WrittenShares::kShare * 3 / 2;
  if (written > kUsedUp) return Share::used_up;
  return written > WrittenShares::kShare ? Share::over : Share::within;
}

/// While there is space, too: who has filled the disk shows only so.
void AuditLog::count_written(std::int64_t uid, std::size_t bytes) const {
  if (!options_.keep_reserve || uid <= 0) return;
  const auto fd = open_beside(kWritten);
  const auto text = fd ? read_to_end(fd->get(), kMaxCounts, path_ + kWritten)
                       : Result<std::string>(tl::unexpected(fd.error()));
  if (!text) {
    ::syslog(LOG_AUTHPRIV | LOG_WARNING, "%s", printable(text.error().line()).c_str());
    return;
  }
  WrittenShares shares = WrittenShares::parse(*text);
  shares.add(uid, bytes, ::time(nullptr));
  write_counts(fd->get(), shares.format(), path_ + kWritten);
}

Status AuditLog::append_locked(const std::vector<AuditRecord>& records) {
  SG_TRY(const UniqueFd fd, open_current());
  SG_TRY(const HeadFile head, HeadFile::open(directory_.get(), name_, path_ + "'s head", trust_));
  SG_TRY(const auto head_point, head.read());
  // A head without a place in it is made before the record: a full disk is found out in time.
  if (!head_point) SG_CHECK(head.write(ChainPoint{}));
  for (const AuditRecord& record : records) {
    SG_TRY(const LogEnd end, find_log_end(fd.get(), path_));
    SG_TRY(const auto now, head.read());
    SG_TRY(const LinkedLine line,
           link_line(format_audit_line(record, now_ms()), chain_end(end, now), end.torn));
    SG_CHECK(write_line(fd.get(), line.text, end, path_));
    SG_CHECK(head.write(line.point));
    count_written(record.uid, line.text.size() + 1);
    send_to_syslog(record, line.text);
  }
  return {};
}

bool AuditLog::is_current() const noexcept {
  struct stat ours {};
  struct stat named {};
  const std::string directory = path_.substr(0, path_.rfind('/') + 1);
  return ::fstat(directory_.get(), &ours) == 0 && ::stat(directory.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/// A keystore's directory, with its log in it, may be exchanged while this one waits.
Result<FileLock> AuditLog::lock() {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    SG_CHECK(connect());
    auto held =
        FileLock::acquire(directory_.get(), "." + name_ + ".lock", FileLock::Mode::exclusive,
                          waited_in_vain_ ? 0 : kLockTimeoutMs, "of the audit log " + path_);
    waited_in_vain_ = !held;
    if (is_current() || attempt == kAttempts) return held;
    directory_.reset();
  }
}

Status AuditLog::append_now(const AuditRecord& record) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const Share share, share_of(record));
  if (share != Share::within && record.decision != "refuse") {
    return fail(Code::temporary,
                "there is little space left for the audit log " + path_ +
                    ": it is kept for users who launched less recently",
                "try again later, and ask the administrator to make room there");
  }
  SG_TRY(const auto records, limit_refusals(record, share));
  return append_locked(records);
}

Status AuditLog::append(const AuditRecord& record) {
  Status done = append_now(record);
  if (done || options_.required) return done;
  ::syslog(LOG_AUTHPRIV | LOG_ERR, "not recorded (%s): %s", printable(done.error().line()).c_str(),
           format_audit_line(record, now_ms()).c_str());
  return {};
}

}  // namespace sifguard
