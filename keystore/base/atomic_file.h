// Durable, all-or-nothing changes to files, and the lock under which they are made.
// The caller's privilege; nothing here raises it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "keystore/base/fd.h"

namespace sifguard {

/// Replaces `name` in the directory `directory_fd`: a temporary file is written, fsync'ed, renamed
/// over, and the directory fsync'ed. After a crash at any point the old or the new file is there.
/// Errors: Code::temporary when space is short; the old file is then untouched.
Status replace_file(int directory_fd, const std::string& name, std::span<const std::byte> content,
                    mode_t mode, std::string_view shown);
Status replace_file(int directory_fd, const std::string& name, std::string_view content,
                    mode_t mode, std::string_view shown);

/// The same for what is believed for one boot only: readers find the old or the new file, but
/// nothing waits for the disk, and after a crash there may be neither.
Status replace_fleeting_file(int directory_fd, const std::string& name, std::string_view content,
                             mode_t mode, std::string_view shown);

/// fsync of a directory, so that names made, renamed or removed in it survive a crash.
Status sync_directory(int directory_fd, std::string_view shown);
/// The same after what readers see by now already: the error says so.
Status sync_change(int directory_fd, std::string_view shown);

/// Exclusive (or shared) flock on a lock file, held until destruction. A crash releases it. The
/// file may be removed by whoever holds it exclusively.
class FileLock {
 public:
  enum class Mode { exclusive, shared };
  /// Waits at most `timeout_ms`; Code::temporary when another holds it longer. Where root waits,
  /// who holds it exclusively and is stopped is let go on (lock_holders.h).
  [[nodiscard]] static Result<FileLock> acquire(int directory_fd, const std::string& name,
                                                Mode mode, int timeout_ms, std::string_view shown);
  /// For who writes nothing after all: nothing is locked.
  [[nodiscard]] static FileLock none() noexcept { return FileLock(UniqueFd()); }

 private:
  explicit FileLock(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace sifguard
