// One directory or file shown inside the container: SRC[:DST[:ro|rw]], in which "\,", "\:" and "\\"
// are a comma, a colon and a backslash of a path, as for Apptainer. Pure; helper, root.
//
// What is checked is text: the runtime opens SRC as the job's owner, so a symbolic link there leads
// nowhere that its owner could not go anyway. Refused are control characters, what would cover
// files that the container's isolation or our own rest on, and what would show our files.
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

/// `cwd`: what a relative SRC is relative to; empty refuses one. `hidden`: absolute directories
/// that must not be bound, nor anything under them, besides /run/sifguard, the default keystore and
/// the default cache. Errors: Code::usage, one sentence that quotes the bind.
[[nodiscard]] Result<Bind> parse_bind(std::string_view text, std::string_view cwd,
                                      std::span<const std::string> hidden);

/// The inverse of parse_bind(): "SRC:DST" or "SRC:DST:ro", escaped.
[[nodiscard]] std::string format_bind(const Bind& bind);

/// For the runtime's --mount: a line of comma-separated values, in which any character may stand.
/// Its --bind cannot name each path: escapes hold in the source alone, and no '^' passes.
[[nodiscard]] std::string mount_argument(const Bind& bind);

/// Without ".", empty and ".." components ("/.." is "/"); `path` is absolute.
[[nodiscard]] std::string normalize_path(std::string_view path);

/// Whether `path` is `directory` or lies under it, by whole components; both normalized.
[[nodiscard]] bool is_at_or_under(std::string_view path, std::string_view directory) noexcept;

}  // namespace sifguard
