// The files that belong to a keystore's host and not to its content. The owner of the keystore, in
// `sifctl`.
#include "keystore/backup/local_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/tree.h"
#include "keystore/store/break_glass.h"
#include "keystore/store/older_names.h"

namespace sifguard {
namespace {

constexpr std::string_view kLog = "audit.jsonl";  // see keystore/cli/change_log.h
constexpr std::string_view kHead = ".audit.jsonl.head";
constexpr const char* kLogLock = ".audit.jsonl.lock";
constexpr int kLockTimeoutMs = 10'000;

}  // namespace

bool is_local_file(std::string_view name) {
  return newer_path(name) == kBreakGlassFile || name == kHead || name == kLog || name == kLogLock ||
         (name.starts_with(kLog) && name[kLog.size()] == '.');  // rotated
}

Result<FileLock> lock_change_log(int directory_fd, const std::string& shown) {
  return FileLock::acquire(directory_fd, kLogLock, FileLock::Mode::exclusive, kLockTimeoutMs,
                           "of the log " + shown + "/" + std::string(kLog));
}

Status keep_local_files(int old_fd, int new_fd, const std::string& shown) {
  const auto names = list_names_at(old_fd);
  if (!names) {
    return fail_errno(Code::config, "cannot list " + shown, names.error().error_number());
  }
  for (const std::string& name : *names) {
    if (is_local_file(name) &&
        ::linkat(old_fd, name.c_str(), new_fd, newer_path(name).c_str(), 0) != 0) {
      return fail_errno(Code::temporary, "cannot keep " + shown + "/" + name, errno);
    }
  }
  return {};
}

}  // namespace sifguard
