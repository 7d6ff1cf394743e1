// A file that a command leaves for the admin, and takes back if a later step fails. Runs with the
// rights of the admin.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "keystore/base/error.h"

namespace sifguard {

/// Written beside its name first, then put in place; undone on destruction unless kept.
class OutputFile {
 public:
  /// Writes the content durably beside `path`. Errors: Code::usage when something is at `path` and
  /// `overwrite` is false; Code::no_input when the directory is missing or not writable.
  [[nodiscard]] static Result<OutputFile> stage(std::string path,
                                                std::span<const std::byte> content, mode_t mode,
                                                bool overwrite);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// Puts it in place; what was there is set aside until keep().
  Status publish();
  void keep() noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  OutputFile(std::string path, std::string staged, bool overwrite);
  std::string path_, staged_, aside_;
  bool overwrite_ = false;
  bool published_ = false;
};

/// Code::usage when something is at `path`: asked before long work, decided again by publish().
Status check_absent(const std::string& path);

}  // namespace sifguard
