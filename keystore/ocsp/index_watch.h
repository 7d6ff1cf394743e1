// How an unprivileged responder sees the index of the CA change: a process that may read the
// keystore, and does nothing else, hands it every new version as an open file.
#pragma once

#include <sys/types.h>

#include "keystore/base/trusted_file.h"

namespace sifguard {

/// Privileged side. Sends the index at `path` through `channel`, a Unix socket, now and whenever
/// another file is there (it is replaced as a whole); returns when the other side is gone. Never
/// reads anything from it. Errors: Code::internal.
Status send_index_changes(int channel, const std::string& path, Trust trust);

/// Unprivileged side: the content of the next version that has arrived. Errors: Code::unavailable
/// when the other side is gone; Code::refused when it cannot be read.
[[nodiscard]] Result<std::string> receive_index(int channel);

}  // namespace sifguard
