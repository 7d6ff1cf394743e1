// A private, empty home for gpg. For root, the check itself makes it, if possible in memory that
// only the check sees; for a user it is a directory.
#pragma once

#include <string>
#include <utility>

#include "keystore/base/error.h"

namespace sifguard {

class PgpHome {
 public:
  /// `scratch_dir` must exist. For root this only chooses the path: the check makes the home there,
  /// or in a file system that it mounts on `scratch_dir` (Isolation::home). For others it is made
  /// here. The destructor, which must run after the check's end, removes the home if it exists.
  [[nodiscard]] static Result<PgpHome> prepare(const std::string& scratch_dir);
  PgpHome(PgpHome&& other) noexcept;
  PgpHome& operator=(PgpHome&&) = delete;
  ~PgpHome();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit PgpHome(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace sifguard
