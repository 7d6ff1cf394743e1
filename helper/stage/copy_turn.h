// Whose turn it is to copy a file, what the turn before found there, and how much the copies that
// are being made will take. Root.
//
// One file a turn, DIR/tmp/copy-HASH of the cache (cache.h), locked by whoever copies; HASH is of
// the user and of the copied file's identity. It holds one line, "BOOT UID BYTES BEGAN DIGEST": the
// boot and user of the turn; the size of the copy, which counts while the lock is held, and is 0
// when it is done; when it began (boottime_ns(), decimal); and the digest that it had in the end,
// or "-".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "helper/stage/opened_image.h"
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
  /// The digest of the last copy of this file for this user, if that began, in this boot, after
  /// `opened_ns`: who opened the file then could have read the same bytes.
  [[nodiscard]] std::optional<std::string> digest_since(std::int64_t opened_ns) const;
  /// The copy begins now: not a byte has been read for it yet.
  void begin() noexcept { began_ns_ = boottime_ns(); }
  /// Makes the copy count until the end of the turn. Under the cache's lock.
  Status announce(std::uint64_t bytes) const;
  /// Tells who comes next what was found, and that it takes no more room.
  Status finish(const std::string& digest) const;

 private:
  CopyTurn(FileLock lock, UniqueFd file, std::string name, std::string boot_id, std::uint32_t uid)
      : lock_(std::move(lock)),
        file_(std::move(file)),
        name_(std::move(name)),
        boot_id_(std::move(boot_id)),
        uid_(uid) {}
  [[nodiscard]] Status write(std::uint64_t bytes, std::string_view digest) const;
  FileLock lock_;
  UniqueFd file_;
  std::string name_, boot_id_;
  std::uint32_t uid_;
  std::int64_t began_ns_ = 0;
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
