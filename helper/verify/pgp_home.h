// A private, empty home for gpg. Root: made by the check itself, if it can in memory that only the
// check sees; a user: a directory.
#pragma once

#include <string>
#include <utility>

#include "keystore/base/error.h"

namespace sifguard {

class PgpHome {
 public:
  /// `scratch_dir` exists. As root the path is only chosen: the check makes it there, or in what it
  /// covers `scratch_dir` with (Isolation::home). Else it is made here. It is removed, if it is
  /// there, on destruction, which must come after the check's end.
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
