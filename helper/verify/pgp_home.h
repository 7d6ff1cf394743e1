// A private, empty home for gpg. Root: a tmpfs that only the check sees; a user: a directory.
#pragma once

#include <string>

#include "keystore/base/error.h"

namespace sifguard {

class PgpHome {
 public:
  /// `scratch_dir` exists. As root it is to be covered with a tmpfs in the check's own mount
  /// namespace; else a fresh 0700 directory is made in it, and removed on destruction.
  [[nodiscard]] static Result<PgpHome> prepare(const std::string& scratch_dir);
  PgpHome(PgpHome&& other) noexcept;
  PgpHome& operator=(PgpHome&&) = delete;
  ~PgpHome();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool covered() const noexcept { return covered_; }

 private:
  PgpHome(std::string path, bool covered) : path_(std::move(path)), covered_(covered) {}
  std::string path_;
  bool covered_;
};

}  // namespace sifguard
