// Durable, all-or-nothing changes to files, and the lock under which they are made.
// The caller's privilege; nothing here raises it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "keystore/base/fd.h"

namespace sifguard {

/// Replaces `name` in the directory `directory_fd`: a temporary file is written, fsync'ed and
/// renamed to `name`, and the directory is fsync'ed. After a crash at any point the old or the new
/// file is there. Errors: Code::temporary when space is short; the old file is then untouched.
Status replace_file(int directory_fd, const std::string& name, std::span<const std::byte> content,
                    mode_t mode, std::string_view shown);
Status replace_file(int directory_fd, const std::string& name, std::string_view content,
                    mode_t mode, std::string_view shown);

/// The same for a file that is valid for one boot only: readers find the old or the new file, but
/// this does not wait for the disk, and after a crash there may be neither.
Status replace_fleeting_file(int directory_fd, const std::string& name, std::string_view content,
                             mode_t mode, std::string_view shown);

/// fsync of a directory, so that names made, renamed or removed in it survive a crash.
Status sync_directory(int directory_fd, std::string_view shown);
/// The same after a change that readers already see: the error says so.
Status sync_change(int directory_fd, std::string_view shown);

/// Exclusive (or shared) flock on a lock file, held until destruction. A crash releases it. A
/// process that holds it exclusively may remove the file.
class FileLock {
 public:
  enum class Mode { exclusive, shared };
  /// Waits at most `timeout_ms`; Code::temporary when another process holds it longer. If root
  /// waits, a process that holds it exclusively and is stopped gets a SIGCONT (lock_holders.h).
  [[nodiscard]] static Result<FileLock> acquire(int directory_fd, const std::string& name,
                                                Mode mode, int timeout_ms, std::string_view shown);
  /// For a caller that writes nothing: locks nothing.
  [[nodiscard]] static FileLock none() noexcept { return FileLock(UniqueFd()); }

 private:
  explicit FileLock(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace sifguard
