// The files that belong to a keystore's host and not to its content. The owner of the keystore, in
// `sifctl`.
#include "keystore/backup/local_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "keystore/base/fd.h"
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
  UniqueFd again(::openat(old_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(
      again.valid() ? ::fdopendir(again.get()) : nullptr, ::closedir);
  if (!directory) return fail_errno(Code::config, "cannot list " + shown, errno);
  (void)again.release();
  while (const dirent* const entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const char* const name = entry->d_name;
    if (is_local_file(name) && ::linkat(old_fd, name, new_fd, newer_path(name).c_str(), 0) != 0) {
      return fail_errno(Code::temporary, "cannot keep " + shown + "/" + name, errno);
    }
  }
  return {};
}

}  // namespace sifguard
