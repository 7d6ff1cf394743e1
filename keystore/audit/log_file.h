// The file of an audit log: opened as trusted, made durably, and its end. Root on nodes.
#pragma once

#include <sys/types.h>

#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// Opens `name`, or makes it (0600), durably; `flags` as of open(2). Errors: Code::config for what
/// is not a regular file of root's that nobody else writes; Code::temporary without space.
[[nodiscard]] Result<UniqueFd> open_log_file(int directory, const std::string& name,
                                             const std::string& shown, int flags, Trust trust);

/// Whether `name` still leads to the opened file, which a rotation may have moved away.
[[nodiscard]] bool is_log_file(int directory, const std::string& name, int fd) noexcept;

/// How the file ends.
struct LogEnd {
  off_t size = 0;
  std::string last_line;  ///< the last whole line without its end; empty if it is longer than usual
  std::string torn;       ///< SHA-256 (hexadecimal) of a piece of a line after it; or empty
};
[[nodiscard]] Result<LogEnd> find_log_end(int fd, const std::string& shown);

}  // namespace sifguard
