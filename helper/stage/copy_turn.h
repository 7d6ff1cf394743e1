// Whose turn it is to copy a file, and how much the copies that are being made will take. Root.
//
// One file a turn, DIR/tmp/copy-HASH of the cache (cache.h), locked by whoever copies. It holds one
// line, "BOOT UID BYTES": the boot and user of the turn, and the size of the copy, which counts
// while the lock is held.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/base/atomic_file.h"

namespace sifguard {

/// The right to copy one file for one user: nobody else does so until it is destroyed.
class CopyTurn {
 public:
  /// Waits at most `wait_ms` for the turn. Errors: Code::temporary past that.
  [[nodiscard]] static Result<CopyTurn> take(int directory_fd, std::string name,
                                             std::string boot_id, std::uint32_t uid, int wait_ms);

  [[nodiscard]] std::uint32_t uid() const noexcept { return uid_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Makes the copy count, from now to the end of the turn. Under the cache's lock.
  Status announce(std::uint64_t bytes) const;

 private:
  CopyTurn(FileLock lock, UniqueFd file, std::string name, std::string boot_id, std::uint32_t uid)
      : lock_(std::move(lock)),
        file_(std::move(file)),
        name_(std::move(name)),
        boot_id_(std::move(boot_id)),
        uid_(uid) {}
  FileLock lock_;
  UniqueFd file_;
  std::string name_, boot_id_;
  std::uint32_t uid_;
};

struct CopiesInProgress {
  std::uint64_t bytes = 0;          ///< of everybody
  std::uint64_t bytes_of_user = 0;  ///< of one
};

/// The other copies that are being made in `directory_fd`, and among them those of the user of
/// `turn`. Under the cache's lock.
[[nodiscard]] Result<CopiesInProgress> copies_beside(const CopyTurn& turn, int directory_fd,
                                                     const std::string& boot_id);

}  // namespace sifguard
