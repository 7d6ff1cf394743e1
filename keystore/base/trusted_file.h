// Opens files whose content must be trusted: configuration, keystore, programs. Any privilege.
//
// A path is walked from / one component at a time, without following a symbolic link. Every
// directory and the file itself must be owned by root (or by `owner`) and be writable by nobody
// else; a directory with the sticky bit (/tmp) may be world-writable, because others cannot replace
// entries there that they do not own. The check is made on the descriptor that is then read, so the
// file cannot be replaced in between.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace sifguard {

/// Who, besides root, may own a trusted file: root alone on nodes, the caller for `sifctl`.
struct Trust {
  uid_t owner = 0;
};

/// Opens the absolute directory `path` (O_RDONLY|O_DIRECTORY|O_CLOEXEC).
/// Errors: Code::config, which names the component and a remedy; Code::temporary when memory is
/// short.
[[nodiscard]] Result<UniqueFd> open_trusted_directory(const std::string& path, Trust trust);

/// Opens `path` (absolute, regular file) for reading.
[[nodiscard]] Result<UniqueFd> open_trusted_file(const std::string& path, Trust trust);

/// Opens `name` (one component) in the trusted directory `directory_fd`; `shown` is for messages.
[[nodiscard]] Result<UniqueFd> open_trusted_at(int directory_fd, const std::string& name,
                                               const std::string& shown, Trust trust);
[[nodiscard]] Result<UniqueFd> open_trusted_directory_at(int directory_fd, const std::string& name,
                                                         const std::string& shown, Trust trust);

/// Opens the file and reads at most `limit` bytes (a longer file is an error).
[[nodiscard]] Result<std::string> read_trusted_file(const std::string& path, std::size_t limit,
                                                    Trust trust);

/// Checks that `path` is a trusted, executable regular file. Symbolic links are followed for the
/// file only through trusted directories (distributions link their programs).
/// Errors: Code::unavailable if missing, Code::config if not trustworthy.
Status check_trusted_program(const std::string& path, Trust trust);

}  // namespace sifguard
