// Whether the audit log can be written, without which nothing is launched. The rights of the admin;
// the file is opened and not written to.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/audit/reserve.h"
#include "keystore/base/closing_reserve.h"
#include "keystore/doctor/checks.h"

namespace sifguard {
namespace {

void check_space(int directory, const std::string& where, Findings& findings) {
  const auto space = audit_space(directory);
  if (!space || space->free >= 2 * space->reserve) return;
  findings.warn(where,
                "there is little space left for the audit log " + where + ": " +
                    std::to_string(space->free >> 20U) + " MiB",
                "make room: with less than " + std::to_string(space->reserve >> 20U) +
                    " MiB users who launch much are refused, and without any space everybody is");
}

/// What AuditLog::open() would refuse of the file itself.
void check_file(int directory, const std::string& name, const std::string& where, Trust trust,
                Findings& findings) {
  const UniqueFd fd(::openat(directory, name.c_str(),
                             O_WRONLY | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  const auto tell = [&](const std::string& what, const std::string& remedy) {
    findings.problem(where, "the audit log " + where + " " + what, remedy);
  };
  if (!fd.valid() && errno == ENOENT) {
    if (::faccessat(directory, ".", W_OK, AT_EACCESS) != 0) {
      tell("cannot be made", "make its directory writable for root");
    }
    return;
  }
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0) {
    tell("cannot be written", "nothing is launched before it can");
  } else if (!S_ISREG(st.st_mode)) {
    tell("is not a regular file", "move it away");
  } else if (st.st_uid != 0 && st.st_uid != trust.owner) {
    tell("is owned by uid " + std::to_string(st.st_uid) + ", not by root",
         "chown root:root " + where);
  } else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    tell("is writable by group or others", "chmod go-w " + where);
  }
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// What is kept for revoking on a full disk. Where there is plenty the next change makes it.
void check_reserve(const std::string& directory, Findings& findings) {
  const ReserveState kept = state_of_reserve(directory);
  const bool was_used = kept.space > 0 || kept.files > 0;
  if (kept.is_whole || (kept.has_plenty && !was_used)) return;
  findings.warn(
      directory,
      "the room kept in " + directory +
          " for revoking on a full disk is not whole: " + std::to_string(kept.space >> 10U) +
          " of " + std::to_string(kept.wanted >> 10U) + " KiB, " + std::to_string(kept.files) +
          " of " + std::to_string(kReservedFiles) + " files",
      (kept.has_plenty
           ? std::string()
           : "make " +
                 std::to_string(kRoomForReserve * static_cast<std::uint64_t>(kept.wanted) >> 20U) +
                 " MiB and as many inodes free there; ") +
          "the next sifctl that changes something makes it whole");
}

}  // namespace

void check_audit_log(const Examined& examined, Findings& findings) {
  if (examined.keystore) check_reserve(examined.plan.directory, findings);
  if (!examined.plan.change_log.empty()) {
    const std::string logs = directory_of(examined.plan.change_log);
    if (logs != examined.plan.directory) check_reserve(logs, findings);
  }
  const std::string& where = examined.config.audit_file;
  const std::string above = directory_of(where);
  const auto directory = open_trusted_directory(above, examined.plan.trust);
  if (!directory) {
    findings.add(Severity::problem, where, directory.error(), "nothing is launched before it can");
    return;
  }
  check_file(directory->get(), where.substr(where.rfind('/') + 1), where, examined.plan.trust,
             findings);
  check_space(directory->get(), where, findings);
}

}  // namespace sifguard
