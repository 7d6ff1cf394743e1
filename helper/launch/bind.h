// One directory or file that is shown inside the container: SRC[:DST[:ro|rw]], in which "\,", "\:"
// and "\\" are a comma, a colon and a backslash of a path, as for Apptainer. Pure; helper, root.
//
// Only the text is checked: the runtime opens SRC as the job's owner, so a symbolic link there
// leads only to files that the owner can reach anyway. parse_bind() refuses control characters,
// destinations that would cover files on which the container's isolation or sifguard relies, and
// sources that would show sifguard's files.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct Bind {
  std::string source;       ///< absolute, normalized
  std::string destination;  ///< absolute, normalized
  bool read_only = false;
};

/// `cwd`: what a relative SRC is relative to; if it is empty, a relative SRC is refused. `hidden`:
/// absolute directories that must not be bound, nor anything under them, besides /run/sifguard, the
/// default keystore and the default cache. Errors: Code::usage, one sentence that quotes the bind.
[[nodiscard]] Result<Bind> parse_bind(std::string_view text, std::string_view cwd,
                                      std::span<const std::string> hidden);

/// The inverse of parse_bind(): "SRC:DST" or "SRC:DST:ro", escaped.
[[nodiscard]] std::string format_bind(const Bind& bind);

/// For the runtime's --mount: a line of comma-separated values, in which any character may occur.
/// The runtime's --bind cannot express every path: it accepts escapes in the source alone, and no
/// '^'.
[[nodiscard]] std::string mount_argument(const Bind& bind);

/// `path`, which is absolute, without ".", ".." and empty components ("/.." is "/").
[[nodiscard]] std::string normalize_path(std::string_view path);

/// Whether `path` is `directory` or lies under it, by whole components. Both must be normalized.
[[nodiscard]] bool is_at_or_under(std::string_view path, std::string_view directory) noexcept;

}  // namespace sifguard
