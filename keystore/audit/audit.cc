// The audit log: durable, append-only JSON lines. Root on nodes.
#include "keystore/audit/audit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/atomic_file.h"

namespace sifguard {
namespace {

constexpr int kLockTimeoutMs = 10'000;
constexpr int kFlags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

/// Unlocks when it goes.
class Lock {
 public:
  explicit Lock(int fd) noexcept : fd_(fd) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::flock(fd_, LOCK_UN); }

 private:
  int fd_;
};

/// Who may read the log can lock it too: waiting without end would let a reader stop all launches.
Status lock_exclusive(int fd, const std::string& path) {
  constexpr int kStepMs = 10;
  for (int waited = 0; waited <= kLockTimeoutMs; waited += kStepMs) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return fail_errno(Code::internal, "cannot lock the audit log " + path, errno);
    }
    const struct timespec pause = {0, kStepMs * 1000000L};
    ::nanosleep(&pause, nullptr);
  }
  return fail(Code::temporary, "another process holds the lock of the audit log " + path,
              "see who with fuser(1)");
}

/// The size, and whether a crash left a line without its end.
struct End {
  off_t size;
  bool torn;
};

Result<End> find_end(int fd, const std::string& path) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::internal, path, errno);
  if (st.st_size == 0) return End{0, false};
  char last = 0;
  ssize_t got = 0;
  do {
    got = ::pread(fd, &last, 1, st.st_size - 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) return fail_errno(Code::internal, "cannot read the audit log " + path, errno);
  return End{st.st_size, last != '\n'};
}

Status write_durably(int fd, const std::string& line, const std::string& path) {
  SG_TRY(const End end, find_end(fd, path));
  Status written = write_all(fd, (end.torn ? "\n" : "") + line + "\n", path);
  if (written && ::fsync(fd) != 0) {
    written = fail_errno(Code::temporary, "cannot make durable the audit log " + path, errno);
  }
  // Half a record is worth nothing; where the file cannot shrink (chattr +a) the next one ends it.
  if (!written && ::ftruncate(fd, end.size) != 0) return written;
  return written;
}

void send_to_syslog(const AuditRecord& record, const std::string& line) {
  const bool good = record.decision == "allow";
  ::syslog(LOG_AUTHPRIV | (good ? LOG_INFO : LOG_WARNING), "%s", line.c_str());
}

std::int64_t now_ms() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

Status check_file(int fd, const std::string& path, Trust trust) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::config, path, errno);
  if (!S_ISREG(st.st_mode)) {
    return fail(Code::config, "the audit log " + path + " is not a regular file", "move it away");
  }
  if (st.st_uid != 0 && st.st_uid != trust.owner) {
    return fail(
        Code::config,
        "the audit log " + path + " is owned by uid " + std::to_string(st.st_uid) + ", not by root",
        "chown root:root " + path);
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(Code::config, "the audit log " + path + " is writable by group or others",
                "chmod go-w " + path);
  }
  return {};
}

/// Makes the file, durably, or opens what is there.
Result<UniqueFd> open_or_create(int directory, const std::string& name, const std::string& path) {
  UniqueFd fd(::openat(directory, name.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
  if (fd.valid()) {
    SG_CHECK(sync_directory(directory, path));
    return fd;
  }
  if (errno == EEXIST) fd = UniqueFd(::openat(directory, name.c_str(), kFlags));
  if (fd.valid()) return fd;
  const int error = errno;
  if (error == ELOOP) {
    return fail(Code::config, "the audit log " + path + " is a symbolic link",
                "configure its real path as audit_file");
  }
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail_errno(full ? Code::temporary : Code::config, "cannot open the audit log " + path,
                    error);
}

}  // namespace

Result<AuditLog> AuditLog::open(const std::string& path, Trust trust) {
  const std::size_t slash = path.rfind('/');
  if (path.empty() || path.front() != '/' || slash + 1 == path.size()) {
    return fail(Code::config, "the audit log's path is not an absolute path of a file: " + path);
  }
  const std::string name = path.substr(slash + 1);
  auto directory = open_trusted_directory(path.substr(0, slash + 1), trust);
  if (!directory) return tl::unexpected(std::move(directory).error().prepend("the audit log"));
  SG_TRY(UniqueFd fd, open_or_create(directory->get(), name, path));
  SG_CHECK(check_file(fd.get(), path, trust));
  ::openlog("sifguard", LOG_PID, LOG_AUTHPRIV);
  return AuditLog(path, std::move(fd));
}

Status AuditLog::append(const AuditRecord& record) {
  const std::string line = format_audit_line(record, now_ms());
  {
    SG_CHECK(lock_exclusive(fd_.get(), path_));
    const Lock lock(fd_.get());
    SG_CHECK(write_durably(fd_.get(), line, path_));
  }
  send_to_syslog(record, line);
  return {};
}

}  // namespace sifguard
