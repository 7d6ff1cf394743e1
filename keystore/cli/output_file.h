// A file that a command writes for the admin, and removes if a later step fails. Runs with the
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

/// The file is first written without a name, then put in place. Unless keep() was called, the
/// destructor overwrites and removes it. On a file system without unnamed files it is written under
/// a name of rewrite_name.h. While it has such a name, and in any case after publish(), signals
/// wait until it is kept or removed. What a killed process has left under such a name is removed
/// when the same output is written again; what it had set aside, when another file has replaced the
/// output and is kept.
class OutputFile {
 public:
  /// Writes the content durably. Errors: Code::usage when `path` exists and `overwrite` is false;
  /// Code::no_input when the directory is missing or not writable, or `path` exists and is not a
  /// regular file.
  [[nodiscard]] static Result<OutputFile> stage(std::string path,
                                                std::span<const std::byte> content, mode_t mode,
                                                bool overwrite);
  /// Whether stage() would work, and it leaves nothing behind or removed: for a dry run, and before
  /// long work. The same errors.
  [[nodiscard]] static Status try_out(const std::string& path, bool overwrite);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// Puts it in place; an old file is set aside until keep().
  Status publish();
  void keep() noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Whether others have rights to it beyond its mode because the file system does not store modes.
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

/// Code::exists when `path` exists. It is checked before long work, and again by publish(). An
/// empty file that a killed run has left, beside its unfinished output, does not count: stage()
/// removes it.
[[nodiscard]] Status check_absent(const std::string& path);

}  // namespace sifguard
