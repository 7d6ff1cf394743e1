// Whose turn it is to copy a file, which digest the previous turn found, and how much space the
// copies in progress will take. Root.
//
// There is one file for each turn, DIR/tmp/copy-HASH of the cache (cache.h). The process that
// copies holds a lock on it and removes it when the turn ends. HASH is a hash of the user and of
// the copied file's identity. It holds one line, "BOOT UID BYTES": the boot and user of the turn,
// and the size of the copy, which counts while the lock is held. The digest of the finished copy,
// and when it began, are in the cache's table (digest_table.h) under the turn's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "helper/stage/digest_table.h"
#include "helper/stage/opened_image.h"
#include "keystore/base/atomic_file.h"

namespace sifguard {

/// The right to copy one file for one user: nobody else does so until it is destroyed.
class CopyTurn {
 public:
  /// Waits at most `wait_ms` for the turn. Errors: Code::temporary after that.
  [[nodiscard]] static Result<CopyTurn> take(int directory_fd, std::string name,
                                             std::string boot_id, DigestTable copied,
                                             std::uint32_t uid, int wait_ms);

  [[nodiscard]] std::uint32_t uid() const noexcept { return uid_; }
  [[nodiscard]] const std::string& name() const noexcept { return named_.name(); }
  /// The digest of the last copy of this file for this user, if that copy began in this boot and
  /// after `opened_ns`: a process that opened the file at that time could have read the same bytes.
  [[nodiscard]] std::optional<std::string> digest_since(std::int64_t opened_ns) const;
  /// The copy begins now: no byte of it has been read yet.
  void begin() noexcept { began_ns_ = boottime_ns(); }
  /// Makes the copy count as in progress until the end of the turn, and forgets the previous one.
  /// Call it under the cache's lock.
  Status announce(std::uint64_t bytes) const;
  /// Records the digest for the next turn, and that the copy takes no more room.
  Status finish(const std::string& digest) const;

 private:
  /// The name of the turn's file, which is removed while the lock is still held.
  class Named {
   public:
    Named(UniqueFd directory, std::string name) noexcept
        : directory_(std::move(directory)), name_(std::move(name)) {}
    Named(Named&& other) noexcept = default;
    Named& operator=(Named&& other) noexcept;
    ~Named();
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

   private:
    UniqueFd directory_;
    std::string name_;
  };

  CopyTurn(FileLock lock, Named named, UniqueFd file, DigestTable copied, std::string boot_id,
           std::uint32_t uid)
      : lock_(std::move(lock)),
        named_(std::move(named)),
        file_(std::move(file)),
        copied_(std::move(copied)),
        boot_id_(std::move(boot_id)),
        uid_(uid) {}
  [[nodiscard]] DigestTable::Key key() const { return {name(), name()}; }
  FileLock lock_;
  Named named_;
  UniqueFd file_;
  DigestTable copied_;
  std::string boot_id_;
  std::uint32_t uid_;
  std::int64_t began_ns_ = 0;
};

struct CopiesInProgress {
  std::uint64_t bytes = 0;          ///< of everybody
  std::uint64_t bytes_of_user = 0;  ///< of one
};

/// Removes the file of a turn that nobody holds any more because its helper was killed. Call it
/// under the cache's lock.
void remove_ended_turn(int directory_fd, const std::string& name);

/// The other copies that are being made in `directory_fd`, and among them those of the user of
/// `turn`. Call it under the cache's lock, when few turns have ended in that way.
[[nodiscard]] Result<CopiesInProgress> copies_beside(const CopyTurn& turn, int directory_fd,
                                                     const std::string& boot_id);

}  // namespace sifguard
