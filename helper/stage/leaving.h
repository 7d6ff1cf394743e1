// Files that are removed from the cache. Root.
//
// Unlinking a large file takes seconds, during which others would wait for the cache's lock. So an
// entry is only renamed under the lock, to an unused name in DIR/tmp, and is removed after the lock
// was released. After a crash in between, tidying finds it there.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Declare it before the lock in the same scope: its destructor then runs after the lock is
/// released.
class Leaving {
 public:
  explicit Leaving(int temporary_fd) noexcept : temporary_(temporary_fd) {}
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  /// Removes what was taken; what cannot be removed stays for tidying.
  ~Leaving();

  /// Moves `name` out of the directory. Call it under the cache's lock. If `name` is absent, that
  /// is success.
  Status take(int directory_fd, const std::string& name);

 private:
  int temporary_;
  std::vector<std::string> names_;
};

/// Removes what other processes have moved out, or are removing now. Call it without the lock.
Status remove_leaving(int temporary_fd);

}  // namespace sifguard
