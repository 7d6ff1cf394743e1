// The file of an audit log: opening it as a trusted file, making it durably, and finding its end.
// Root on nodes.
#pragma once

#include <sys/types.h>

#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// Opens `name`, or makes it (0600) durably; `flags` as for open(2). Errors: Code::config if it is
/// not a regular file of root's that only root can write; Code::temporary without space.
[[nodiscard]] Result<UniqueFd> open_log_file(int directory, const std::string& name,
                                             const std::string& shown, int flags, Trust trust);

/// Whether `name` still leads to the opened file, which a rotation may have moved away.
[[nodiscard]] bool is_log_file(int directory, const std::string& name, int fd) noexcept;

/// How the file ends.
struct LogEnd {
  off_t size = 0;
  std::string last_line;  ///< the last complete line without its end; empty if it is unusually long
  std::string torn;       ///< SHA-256 (hexadecimal) of an incomplete line after it; or empty
};
[[nodiscard]] Result<LogEnd> find_log_end(int fd, const std::string& shown);

}  // namespace sifguard
