// What leaves the cache. Root.
//
// To unlink a large file takes seconds, in which others would wait for the cache's lock: under the
// lock an entry gets a name in DIR/tmp that nobody uses, and what bears one is removed when the
// lock is let go of. After a crash in between tidying finds it there.
#pragma once

#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Declared before the lock in the same scope: what is left to it goes after the lock does.
class Leaving {
 public:
  explicit Leaving(int temporary_fd) noexcept : temporary_(temporary_fd) {}
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  /// Removes it; what cannot be removed stays for tidying.
  ~Leaving();

  /// Takes `name` out of the directory, under the cache's lock. Its absence is success.
  Status take(int directory_fd, const std::string& name);

 private:
  int temporary_;
  std::vector<std::string> names_;
};

/// Removes what others have left to a Leaving, or are removing now. Without the lock.
Status remove_leaving(int temporary_fd);

}  // namespace sifguard
