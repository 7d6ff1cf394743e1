// A file that a command leaves for the admin, and takes back if a later step fails. Runs with the
// rights of the admin.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "keystore/base/error.h"
#include "keystore/base/fd.h"
#include "keystore/base/held_signals.h"

namespace sifguard {

/// Written without a name first, then put in place; undone on destruction unless kept, and
/// overwritten before. Where the file system has no unnamed files it is written under one of
/// rewrite_name.h; from then on, and from publish() on in any case, until it is kept or gone,
/// signals wait. What a killed process has left under such a name goes when the next one writes the
/// same output.
class OutputFile {
 public:
  /// Writes the content durably. Errors: Code::usage when something is at `path` and `overwrite` is
  /// false; Code::no_input when the directory is missing or not writable, or what is at `path` is
  /// not a regular file.
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
  /// Whether others have rights to it that its mode does not give: the file system keeps no modes.
  [[nodiscard]] bool is_open_to_others() const noexcept { return (more_ & 077U) != 0; }

 private:
  OutputFile(std::string path, bool overwrite);
  Status open_directory();
  Status make_file();
  Status name_file(const std::string& name);
  Status put_in_place();
  Status claim();
  Status set_aside();
  Status replace();
  std::string path_, name_, staged_, aside_;
  UniqueFd directory_, file_;
  bool overwrite_ = false;
  bool published_ = false;
  bool kept_ = false;
  mode_t more_ = 0;
  std::shared_ptr<const HeldSignals> signals_;
};

/// Code::exists when something is at `path`: asked before long work, decided again by publish().
/// The empty file that a killed run has left, beside what it would have put there, goes.
Status check_absent(const std::string& path);

}  // namespace sifguard
